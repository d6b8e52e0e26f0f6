/** Everything the pages say, in English: the file that other languages follow key by key. */
export const en = {
  skip: "Skip to content",
  brand: "Eye tracking",
  foot: "Geometry only: where the face and the eyes point. No emotions, no identification, no recording.",

  "intro.title": "Before the lesson: your camera",
  "intro.promise":
    "Your video goes to the eye-tracking service over an encrypted connection, is analysed there in memory, picture by picture, and is never stored.",
  "intro.service": "The service that receives it: {host}",
  "intro.measured.title": "What is measured",
  "intro.measured.text":
    "Whether your face and eyes point towards the screen, blinks, and whether the picture is good enough to tell.",
  "intro.kept.title": "What is kept",
  "intro.kept.text":
    "Times and counts, such as minutes facing the screen. No picture, no video, nothing that identifies your face, no emotions.",
  "intro.choice.title": "What you can do",
  "intro.choice.text":
    "Pause or stop at any time, and see at the end exactly what was sent. You can take the lesson without a camera too.",
  "intro.start": "I agree – start the camera",
  "intro.decline": "Go on without a camera",

  "consent.measured":
    "Measured: whether your face and eyes point towards the screen, blinks, and whether the picture is good enough to tell.",
  "consent.kept":
    "Kept: times and counts, such as minutes facing the screen. No picture, no video, nothing that identifies your face, no emotions.",
  "consent.seconds":
    "Noted once a second while the lesson runs: where your face and eyes point. Your teachers can see it, now and later.",
  "consent.deleted": "Deleted after {days} days.",
  "consent.deletedSometime": "Deleted after the time that your school has set.",
  "consent.policy": "How your school handles data",

  "declined.title": "That is fine",
  "declined.text":
    "The camera stays off and nothing is measured. Your lesson is the same. You can close this page or change your mind.",
  "declined.back": "Back",
  "declined.lesson": "The camera stays off and nothing is measured. Go on with your lesson.",

  "session.title": "Your session",
  "session.minute": "The last minute",
  "session.sofar": "So far",
  "session.now": "Right now",
  "session.stop": "Stop",
  "session.pause": "Pause",
  "session.resume": "Continue",
  "session.camera": "Camera",
  "session.veil.camera": "Waiting for the camera. Your browser may ask you for permission.",
  "session.veil.paused": "Paused. The camera is off and nothing is measured.",
  "session.veil.lost": "The camera is gone. Plug it in again, then press Continue.",
  "session.strip":
    "Last minute: {focused} s facing the screen, {unfocused} s turned away, {unknown} s unknown",

  "ready.title": "Camera check",
  "ready.face": "Face in view",
  "ready.alone": "Only you",
  "ready.light": "Light",
  "ready.distance": "Distance",
  "ready.waiting": "looking…",
  "ready.ok": "good",
  "ready.no_face": "Move into the middle of the picture and face the camera.",
  "ready.several_faces": "Somebody else is in the picture. Turn the camera until only you are.",
  "ready.too_dark": "Too dark. Switch on a lamp or turn towards a window.",
  "ready.unclear": "Not clear. Wipe the camera, or put more light on your face.",
  "ready.too_far": "Too far away. Come closer, to about an arm's length.",
  "ready.too_near": "Very close. Move back, to about an arm's length.",
  "ready.fine":
    "Nothing is measured yet. Your session begins by itself when all is good, or after 15 seconds with your face in view.",
  "ready.begin": "Begin now",

  "exact.title": "More exact, if you like",
  "exact.pose": "Your usual pose: look at one dot for ten seconds.",
  "exact.poseStart": "Start: pose",
  "exact.nine": "Where on the screen: follow nine dots, twenty seconds.",
  "exact.nineStart": "Start: nine dots",
  "exact.nineKeep": "Keep what the dots teach with this session",
  "pose.help": "Sit as you usually do and look at the dot for ten seconds. Esc ends it.",

  "points.help":
    "Nine dots follow, about twenty seconds. Look at each one until it moves, without turning your head much. Esc ends it.",

  "state.new": "Ready",
  "state.camera": "Camera",
  "state.connecting": "Connecting",
  "state.checking": "Camera check",
  "state.live": "Live",
  "state.paused": "Paused",
  "state.reconnecting": "Reconnecting",
  "state.stopping": "Finishing",
  "state.ended": "Ended",

  "status.new": "Not started.",
  "status.camera": "Waiting for the camera.",
  "status.connecting": "Connecting to the service.",
  "status.checking": "Checking the camera. Nothing is measured yet.",
  "status.live": "Connected. Your session is running.",
  "status.paused": "Paused.",
  "status.reconnecting": "The connection was lost. Reconnecting – your session goes on.",
  "status.stopping": "Finishing.",
  "status.ended": "The session has ended.",

  "account.focused": "Facing the screen",
  "account.unfocused": "Turned away",
  "account.unknown": "Unknown",
  "account.pending": "Settling",

  "cause.looking_away": "looking away",
  "cause.face_turned": "face turned away",
  "cause.eyes_closed": "eyes closed",
  "cause.no_face": "no face in view",
  "cause.several_faces": "several faces",
  "cause.low_light": "too dark",
  "cause.low_quality": "picture not clear enough",
  "cause.not_alive": "a picture of a face?",
  "cause.camera_frozen": "camera stands still",
  "cause.no_picture": "camera shows nothing",
  "cause.no_frames": "no picture",
  "cause.muted": "paused",
  "cause.hidden": "page in the background",
  "cause.calibrating": "getting to know your pose",
  "cause.reconnecting": "connection lost",

  "hint.no_face": "No face in view. Move into the middle of the picture.",
  "hint.several_faces": "There is more than one face in view. Only you should be in the picture.",
  "hint.low_light": "It is too dark to tell. More light on your face helps.",
  "hint.not_alive": "Do your eyes show? Take off dark glasses.",
  "hint.low_quality":
    "The picture is not clear enough. Come a little closer and hold the camera still.",
  "hint.no_frames":
    "No picture arrives. Is the camera covered? Open its shutter. Does another program use it?",
  "hint.camera_frozen":
    "The picture stands still. Turn the camera off and on again, or reload the page.",
  "hint.no_picture": "The camera shows nothing. Open its shutter; is it muted or covered?",
  "hint.calibrating": "Look at the screen as usual for a moment.",
  "hint.closed_often": "Your eyes were closed for a tenth of the last minute. Time for a break?",
  "hint.reconnecting": "The connection was lost. Reconnecting – your session goes on.",
  "hint.camera_muted": "The camera sends no picture at the moment. Is its shutter closed?",

  "figure.percentage": "of the measured time facing the screen",
  "figure.state": "State",
  "figure.focus": "Facing the screen now",
  "figure.faces": "Faces in view",
  "figure.gaze": "Looking",
  "figure.blinks": "Blinks",
  "figure.head": "Head turn / tilt",
  "figure.openness": "Eyes open",
  "figure.frames": "Pictures received",
  "figure.way": "Connection",
  "figure.perMinute": "{count} · {rate} a minute",
  "figure.yes": "yes",
  "figure.no": "no",
  "figure.unknown": "unknown",
  "figure.headAngles": "{yaw}° / {pitch}°",

  "gaze.center": "at the screen",
  "gaze.left": "left",
  "gaze.right": "right",
  "gaze.up": "up",
  "gaze.down": "down",

  "way.direct": "direct",
  "way.direct-tcp": "direct (TCP)",
  "way.turn-udp": "relay (UDP)",
  "way.turn-tcp": "relay (TCP)",
  "way.turn-tls": "relay (TLS)",
  "way.websocket": "picture by picture",
  "way.rest": "single pictures",
  "way.rtt": "{way}, {ms} ms",

  "recap.title": "Your session",
  "recap.lead": "You faced the screen for {focused} of {total} that could be measured.",
  "recap.leadNone": "The session was too short to measure anything.",
  "recap.leadOnly": "Nothing could be measured: {cause} for {time}.",
  "recap.none": "The session has ended. Its summary did not arrive in time; the service keeps it.",
  "recap.bar": "{focused} facing the screen, {unfocused} turned away, {unknown} unknown",
  "recap.total": "Measured in all",
  "recap.percentage": "Facing the screen, of what was measured",
  "recap.blinks": "Blinks",
  "recap.causes": "What the rest was",
  "recap.sent": "What was sent",
  "recap.sentText": "These numbers make up the record of your session:",
  "recap.seconds":
    "Beside these sums it was noted once a second where face and eyes pointed. These are numbers too, no pictures.",
  "recap.record": "The record itself",
  "recap.field.time": "Time measured",
  "recap.field.elapsed": "From begin to end",
  "recap.again": "Start again",

  "end.excess": "The camera sent a larger picture than the service takes, so it was cut off.",
  "end.max_duration": "The session reached its longest time and was closed.",
  "end.idle": "No picture arrived for a while, so the session was closed.",
  "end.replaced": "You opened this lesson in another tab or on another device, so it ended here.",
  "end.peer_lost": "The connection was away too long. What was measured until then is kept.",
  "end.track_ended": "The camera stopped sending, so the session was closed.",
  "end.drained": "The service was restarted. What was measured until then is kept.",
  "end.error": "The service had a problem and closed the session. It is not your fault.",

  "time.seconds": "{s}\u00a0s",
  "time.minutes": "{m}\u00a0min {s}\u00a0s",

  "check.title": "Connection test",
  "check.link": "Test the connection",
  "check.lead":
    "Tests the camera, the service and each way to it from this network. No picture leaves your device. It takes up to a minute.",
  "check.start": "Start the test",
  "check.again": "Test again",
  "check.waiting": "not tested yet",
  "check.running": "testing…",
  "check.camera": "Camera",
  "check.signaling": "Service",
  "check.absent": "not set up on this service",
  "check.connected": "ready after {connect} s",
  "check.connectedTrip": "connected after {connect} s, round trip {trip} ms",
  "check.verdict": "Result",
  "check.verdict.works":
    "Eye tracking works here: the camera is ready and the best way to the service is {way} ({details}). Tested {time}.",
  "check.verdict.pictures":
    "Eye tracking works here, but this network lets no video through: pictures go by {way} ({details}). Tested {time}.",
  "check.verdict.camera":
    "The network is fine ({way}, {details}), but the camera is not: {why}. Tested {time}.",
  "check.verdict.none":
    "The service answers, but no way for pictures works on this network. Tested {time}.",
  "check.verdict.service": "The service does not answer from this network: {why}. Tested {time}.",
  "check.copy": "Copy for the help desk",
  "check.copied": "Copied.",
  "check.copyYourself": "Your browser does not allow it: open the details and copy them there.",
  "check.json": "Details",
  "check.foot": "The test opens your camera for a moment and closes it again. Nothing is stored.",

  "error.permission_denied": "The camera is blocked",
  "error.permission_denied.help":
    "Allow the camera for this page: use the camera symbol in the address bar or your browser's site settings. Then start again.",
  "error.no_camera": "No camera found",
  "error.no_camera.help": "Connect a camera, or switch it on, and start again.",
  "error.camera_busy": "The camera is in use",
  "error.camera_busy.help":
    "Another program, perhaps a video call, uses it. Close that program and start again.",
  "error.camera_lost": "The camera was disconnected",
  "error.camera_lost.help":
    "Nothing is measured now. Plug the camera in again and press Continue, or stop.",
  "error.camera_failed": "The camera could not be started",
  "error.camera_failed.help":
    "Unplug it and plug it in again, or restart the browser, and start again.",
  "error.insecure_page": "This page is not secure",
  "error.insecure_page.help":
    "Browsers give the camera to https pages only. Open this page with https://.",
  "error.unsupported": "This browser cannot do it",
  "error.unsupported.help": "A current Chrome, Edge, Firefox or Safari can.",
  "error.token_expired": "Your sign-in has expired",
  "error.token_expired.help": "Reload the lesson's page and start again.",
  "error.token_refused": "The service does not know your sign-in",
  "error.token_refused.help":
    "Please tell your school: this page's sign-in is not one for the service. Your lesson is not affected.",
  "error.forbidden": "This page may not use the service",
  "error.forbidden.help":
    "Please tell your school: the service does not accept sessions from this address.",
  "error.refused": "The service refused the connection",
  "error.refused.help":
    "Please tell your school, with the line below. Your lesson is not affected.",
  "error.session_gone": "The session has ended on the service",
  "error.session_gone.help":
    "The connection was away too long, or the session was opened in another tab. What was measured is kept. You can start a new one.",
  "error.disabled": "Eye tracking is switched off",
  "error.disabled.help": "Your school has switched it off for now. Go on with your lesson.",
  "error.overloaded": "The service is busy",
  "error.overloaded.help":
    "Too many sessions run at this moment. Try again in a minute, or go on with your lesson.",
  "error.service_failed": "The service has a problem",
  "error.service_failed.help":
    "It is not your fault. Try again in a minute, or go on with your lesson.",
  "error.unreachable": "The service cannot be reached",
  "error.unreachable.help":
    "Check that you are online. If you are, try again in a minute, or go on with your lesson.",
  "error.connection_failed": "The video does not get through",
  "error.connection_failed.help":
    "Your network lets this page through but not the video. Another network may help.",
  "error.aborted": "The session was stopped",
  "error.aborted.help": "You can start again.",
  "error.internal": "Something went wrong in this page",
  "error.internal.help": "Reload the page. Your lesson is not affected.",
  "error.ids": "This link is not complete",
  "error.ids.help":
    "The page needs to know the student and the module: open it from your lesson, or add ?user_id=…&module_id=… to its address.",
} as const satisfies Record<string, string>;

export type TextKey = keyof typeof en;
export type Texts = { readonly [Key in TextKey]: string };
