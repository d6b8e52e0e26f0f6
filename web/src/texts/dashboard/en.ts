import { en as shared } from "../en.js";

/** What the dashboard says beside what all pages say, in English. */
export const own = {
  "dash.title": "Dashboard",
  "dash.brand": "Eye tracking · Dashboard",
  "dash.foot":
    "Where faces and eyes point, and no more. Not a measure of understanding, effort or character; not for grades or ranking.",
  "dash.nav": "Views",
  "dash.live": "Live class",
  "dash.sessions": "Sessions",
  "dash.leave": "Sign out",

  "door.title": "Sign in",
  "door.lead":
    "The dashboard takes a staff token of your learning site. Open it from there, or paste the token here.",
  "door.label": "Staff token",
  "door.open": "Open the dashboard",
  "door.kept": "It is kept in this tab only, and never put into an address.",
  "door.expired": "The token is not valid any more. Get a new one from your site.",
  "door.invalid": "The service does not know this token. Is all of it there?",
  "door.student": "This is a student's token. The dashboard takes a staff token.",
  "door.refused": "This token may not see that.",

  "feed.connecting": "Connecting",
  "feed.live": "Live",
  "feed.lost": "Connection lost – trying again",
  "feed.busy": "Too many watch at this moment – trying again",

  "class.title": "Live class",
  "class.lead": "Each strip is the last five minutes, five seconds a bar.",
  "class.count.one": "1 session",
  "class.count": "{number} sessions",
  "class.now":
    "At this moment: {focused} facing the screen, {unfocused} turned away, {unknown} unknown",
  "class.filter.module": "Module",
  "class.filter.section": "Section",
  "class.filter.all": "All",
  "class.filter.none": "none",
  "class.empty": "No session is running in your modules.",
  "class.empty.help": "As soon as a student starts, their strip appears here by itself.",
  "class.loading": "Looking for running sessions…",
  "class.trail":
    "Last five minutes: {focused} facing the screen, {unfocused} turned away, {unknown} unknown",

  "card.student": "Student {id}",
  "card.section": "section {id}",
  "card.module": "module {id}",
  "card.share": "{share} facing the screen",
  "card.share.none": "nothing measured yet",
  "card.ended": "ended",
  "card.new": "starting",
  "card.quality": "Pictures: {words}",
  "quality.3": "good",
  "quality.2": "fair",
  "quality.1": "poor",
  "quality.0": "none",
  "quality.none": "not known here",

  "cause.face_turned": "face turned",
  "cause.calibrating": "calibration",
  "cause.low_quality": "unclear picture",
  "cause.muted": "paused",
  "cause.hidden": "page not in view",
  "cause.reconnecting": "no connection",

  "way.relay": "relay",
  "way.webrtc": "WebRTC",
  "way.socketio": "old client",
  "way.none": "not connected",

  "past.title": "Sessions",
  "past.lead": "Newest first.",
  "past.student": "Student",
  "past.lesson": "Lesson",
  "past.began": "Began",
  "past.lasted": "Lasted",
  "past.focus": "Facing the screen",
  "past.state": "Ended by",
  "past.more": "Show older ones",
  "past.empty": "There is no session yet.",
  "past.filter": "Student",
  "past.search": "Find",
  "past.open": "Session of student {id}, {when}",
  "past.running": "running",

  "ended.client_bye": "the student",
  "ended.track_ended": "camera gone",
  "ended.peer_lost": "connection lost",
  "ended.connect_timeout": "never connected",
  "ended.idle": "no pictures",
  "ended.excess": "picture too large",
  "ended.max_duration": "longest time reached",
  "ended.drained": "service restart",
  "ended.worker_lost": "service fault",
  "ended.replaced": "opened anew",
  "ended.error": "service fault",

  "session.back": "Back",
  "session.heading": "Student {id}",
  "session.lesson": "Module {module}, section {section}",
  "session.lesson.module": "Module {module}",
  "session.when": "{from}, {duration}",
  "session.csv": "CSV",
  "session.json": "JSON",
  "session.export": "Export",
  "session.running": "This session is running: the timeline follows every ten seconds.",
  "session.gone": "There is no such session (any more).",
  "session.none": "Nothing was measured in this session.",

  "fig.focus": "facing the screen, of what was measured",
  "fig.blinks": "Blinks",
  "fig.rate": "{rate} a minute",
  "fig.score": "Attention score, mean",
  "fig.perclos": "Eyes closed, of the time",

  "time.title": "Timeline",
  "time.help": "Drag to zoom, double-click for the whole. A click moves the replay there.",
  "time.focus": "Facing the screen",
  "time.causes": "Causes",
  "time.gaze": "Gaze",
  "time.eyes": "Eyes",
  "time.focus.label":
    "Attention score over time; the background says what the time was booked as: {focused} facing the screen, {unfocused} turned away, {unknown} unknown.",
  "time.causes.label": "Causes over time: {list}.",
  "time.causes.none": "Nothing but time facing the screen.",
  "time.gaze.label": "Gaze direction over time, from the student's side: {list}.",
  "time.eyes.label": "How far the eyes were open over time, and {blinks} blinks.",
  "time.table": "The timeline as a table",
  "time.minute": "Minute",
  "time.mostly": "Mostly",

  "replay.title": "Replay",
  "replay.lead": "Of the numbers, second by second. There is no video.",
  "replay.play": "Play",
  "replay.stop": "Pause",
  "replay.speed": "Speed",
  "replay.position": "Position in the session",
  "replay.at": "{at} of {end}",
  "replay.screen": "Head and gaze as measured: {words}",
  "replay.state": "Booked as",
  "replay.gaze": "Gaze",
  "replay.eyes": "Eyes open",
  "replay.head": "Head turn / tilt",
  "replay.score": "Attention score",
  "replay.nothing": "no picture",

  "heat.title": "Where on the screen",
  "heat.lead":
    "{seconds} after the nine dots; {outside} of it beside the screen. A point errs by about 4 cm: read regions, not words.",
  "heat.label": "Heat map of the gaze: most of it {where}.",
  "heat.none":
    "Not drawn: in this session the nine dots were not looked at (or for less than half a minute). Without them the point is too vague.",
  "heat.top": "top",
  "heat.middle": "middle",
  "heat.bottom": "bottom",
  "heat.left": "left",
  "heat.center": "centre",
  "heat.right": "right",

  "compare.title": "In its module",
  "compare.title.module": "The module as a whole",
  "compare.lead.module":
    "The bar is the middle half of the students, the line and the number their median.",
  "compare.lead":
    "The bar is the middle half of the students, the line their median, the dot this session.",
  "compare.module": "Module {id}, {number} students",
  "compare.section": "Section {id}, {number} students",
  "compare.small.module":
    "Module {id}: fewer than {least} students with measured time. Too few to compare without naming somebody.",
  "compare.small.section":
    "Section {id}: fewer than {least} students with measured time. Too few to compare without naming somebody.",
  "compare.focus_percentage": "Facing the screen",
  "compare.unknown_percentage": "Unknown",
  "compare.blink_rate": "Blinks a minute",
  "compare.label":
    "{name}: this session {own}; half of the students between {low} and {high}, median {median}",
  "compare.label.none": "{name}: half of the students between {low} and {high}, median {median}",

  "mean.title": "What the numbers say, and what they do not",
  "mean.focused":
    "Facing the screen: face and eyes pointed towards it. Nobody can see from that whether somebody understood, tried or cared – and people look away to think.",
  "mean.unknown":
    "Unknown: could not be measured – dark, blurred, paused, no connection. It counts neither for nor against anybody; much of it speaks of light and network.",
  "mean.score":
    "The attention score is a rule of thumb from head, gaze and lids. It knows no emotions and nothing about engagement.",
  "mean.errors":
    "Single seconds err most. Look at stretches of minutes, and ask before you conclude.",
  "mean.use": "Not for grades, punishment or ranking.",
} as const satisfies Record<string, string>;

export const en = { ...shared, ...own };
export type DashboardKey = keyof typeof en;
export type OwnTexts = { readonly [Key in keyof typeof own]: string };
