import type { Texts } from "./en.js";

/** Everything the pages say, in German. */
export const de: Texts = {
  skip: "Zum Inhalt springen",
  brand: "Blickmessung",
  foot: "Nur Geometrie: wohin Gesicht und Augen zeigen. Keine Emotionen, keine Erkennung der Person, keine Aufzeichnung.",

  "intro.title": "Vor der Lektion: deine Kamera",
  "intro.promise":
    "Dein Video geht verschlüsselt an den Messdienst, wird dort Bild für Bild im Arbeitsspeicher ausgewertet und nie gespeichert.",
  "intro.service": "Der Dienst, der es empfängt: {host}",
  "intro.measured.title": "Was gemessen wird",
  "intro.measured.text":
    "Ob Gesicht und Augen zum Bildschirm zeigen, Lidschläge, und ob das Bild gut genug ist, um das zu sagen.",
  "intro.kept.title": "Was bleibt",
  "intro.kept.text":
    "Zeiten und Anzahlen, etwa Minuten zum Bildschirm gewandt. Kein Bild, kein Video, nichts, woran man dein Gesicht erkennt, keine Emotionen.",
  "intro.choice.title": "Was du tun kannst",
  "intro.choice.text":
    "Jederzeit anhalten oder beenden, und am Ende genau sehen, was gesendet wurde. Die Lektion geht auch ohne Kamera.",
  "intro.start": "Einverstanden – Kamera starten",
  "intro.decline": "Ohne Kamera weitermachen",

  "consent.measured":
    "Gemessen wird, ob Gesicht und Augen zum Bildschirm zeigen, Lidschläge, und ob das Bild dafür gut genug ist.",
  "consent.kept":
    "Es bleiben Zeiten und Anzahlen, etwa Minuten zum Bildschirm gewandt. Kein Bild, kein Video, nichts, woran man dein Gesicht erkennt, keine Emotionen.",
  "consent.seconds":
    "Einmal je Sekunde wird während der Lektion festgehalten, wohin Gesicht und Augen zeigen. Deine Lehrkräfte können es sehen, jetzt und später.",
  "consent.deleted": "Gelöscht nach {days} Tagen.",
  "consent.deletedSometime": "Gelöscht nach der Zeit, die deine Schule eingestellt hat.",
  "consent.policy": "Wie deine Schule mit Daten umgeht",

  "declined.title": "Das ist in Ordnung",
  "declined.text":
    "Die Kamera bleibt aus, gemessen wird nichts. Deine Lektion ist dieselbe. Du kannst diese Seite schließen oder es dir anders überlegen.",
  "declined.back": "Zurück",
  "declined.lesson": "Die Kamera bleibt aus, gemessen wird nichts. Mach mit deiner Lektion weiter.",

  "session.title": "Deine Sitzung",
  "session.minute": "Die letzte Minute",
  "session.sofar": "Bisher",
  "session.now": "Jetzt gerade",
  "session.stop": "Beenden",
  "session.pause": "Anhalten",
  "session.resume": "Weiter",
  "session.camera": "Kamera",
  "session.veil.camera": "Warten auf die Kamera. Vielleicht fragt dich der Browser um Erlaubnis.",
  "session.veil.paused": "Angehalten. Die Kamera ist aus, gemessen wird nichts.",
  "session.veil.lost": "Die Kamera ist weg. Stecke sie wieder an und drücke dann Weiter.",
  "session.strip":
    "Letzte Minute: {focused} s zum Bildschirm gewandt, {unfocused} s abgewandt, {unknown} s unbekannt",

  "ready.title": "Kamera-Prüfung",
  "ready.face": "Gesicht im Bild",
  "ready.alone": "Nur du",
  "ready.light": "Licht",
  "ready.distance": "Abstand",
  "ready.waiting": "wird geprüft…",
  "ready.ok": "gut",
  "ready.no_face": "Rücke in die Mitte des Bildes und sieh zur Kamera.",
  "ready.several_faces": "Noch jemand ist im Bild. Drehe die Kamera, bis nur du zu sehen bist.",
  "ready.too_dark": "Zu dunkel. Schalte eine Lampe ein oder setz dich zum Fenster hin.",
  "ready.unclear": "Nicht deutlich. Wische die Kamera ab oder sorge für mehr Licht im Gesicht.",
  "ready.too_far": "Zu weit weg. Komm näher, auf etwa eine Armlänge.",
  "ready.too_near": "Sehr nah. Rücke zurück, auf etwa eine Armlänge.",
  "ready.fine":
    "Noch wird nichts gemessen. Deine Sitzung beginnt von selbst, sobald alles gut ist, oder nach 15 Sekunden mit Gesicht im Bild.",
  "ready.begin": "Jetzt beginnen",

  "exact.title": "Genauer, wenn du magst",
  "exact.pose": "Deine übliche Haltung: sieh zehn Sekunden lang auf einen Punkt.",
  "exact.poseStart": "Start: Haltung",
  "exact.nine": "Wohin auf dem Bildschirm: folge neun Punkten, zwanzig Sekunden.",
  "exact.nineStart": "Start: neun Punkte",
  "exact.nineKeep": "Was die Punkte ergeben, bei dieser Sitzung aufbewahren",
  "pose.help": "Sitz wie gewohnt und sieh zehn Sekunden lang auf den Punkt. Esc beendet es.",

  "points.help":
    "Es folgen neun Punkte, etwa zwanzig Sekunden lang. Sieh jeden an, bis er weiterrückt, und dreh den Kopf dabei wenig. Esc beendet es.",

  "state.new": "Bereit",
  "state.camera": "Kamera",
  "state.connecting": "Verbinden",
  "state.checking": "Kamera-Prüfung",
  "state.live": "Live",
  "state.paused": "Angehalten",
  "state.reconnecting": "Neu verbinden",
  "state.stopping": "Beenden",
  "state.ended": "Beendet",

  "status.new": "Nicht gestartet.",
  "status.camera": "Warten auf die Kamera.",
  "status.connecting": "Verbindung zum Dienst wird aufgebaut.",
  "status.checking": "Die Kamera wird geprüft. Noch wird nichts gemessen.",
  "status.live": "Verbunden. Deine Sitzung läuft.",
  "status.paused": "Angehalten.",
  "status.reconnecting":
    "Die Verbindung ist abgerissen. Sie wird neu aufgebaut – deine Sitzung geht weiter.",
  "status.stopping": "Wird beendet.",
  "status.ended": "Die Sitzung ist beendet.",

  "account.focused": "Zum Bildschirm gewandt",
  "account.unfocused": "Abgewandt",
  "account.unknown": "Unbekannt",
  "account.pending": "Noch offen",

  "cause.looking_away": "Blick abgewandt",
  "cause.face_turned": "Gesicht abgewandt",
  "cause.eyes_closed": "Augen geschlossen",
  "cause.no_face": "kein Gesicht im Bild",
  "cause.several_faces": "mehrere Gesichter",
  "cause.low_light": "zu dunkel",
  "cause.low_quality": "Bild nicht klar genug",
  "cause.not_alive": "ein Bild eines Gesichts?",
  "cause.camera_frozen": "Kamera steht still",
  "cause.no_picture": "Kamera zeigt nichts",
  "cause.no_frames": "kein Bild",
  "cause.muted": "angehalten",
  "cause.hidden": "Seite im Hintergrund",
  "cause.calibrating": "deine Haltung wird kennengelernt",
  "cause.reconnecting": "Verbindung abgerissen",

  "hint.no_face": "Kein Gesicht im Bild. Rücke in die Mitte des Bildes.",
  "hint.several_faces": "Mehr als ein Gesicht im Bild. Nur du solltest zu sehen sein.",
  "hint.low_light": "Es ist zu dunkel. Mehr Licht auf dein Gesicht hilft.",
  "hint.not_alive": "Sieht man deine Augen? Nimm eine dunkle Brille ab.",
  "hint.low_quality": "Das Bild ist nicht klar genug. Komm etwas näher und halte die Kamera ruhig.",
  "hint.no_frames":
    "Es kommt kein Bild an. Ist die Kamera verdeckt? Öffne ihren Schieber. Oder belegt sie ein anderes Programm?",
  "hint.camera_frozen":
    "Das Bild steht still. Schalte die Kamera aus und wieder ein, oder lade die Seite neu.",
  "hint.no_picture":
    "Die Kamera zeigt nichts. Öffne ihren Schieber; ist sie stumm geschaltet oder verdeckt?",
  "hint.calibrating": "Schau einen Moment wie gewohnt auf den Bildschirm.",
  "hint.closed_often": "Deine Augen waren ein Zehntel der letzten Minute zu. Zeit für eine Pause?",
  "hint.reconnecting":
    "Die Verbindung ist abgerissen. Sie wird neu aufgebaut – deine Sitzung geht weiter.",
  "hint.camera_muted": "Die Kamera liefert gerade kein Bild. Ist ihr Schieber zu?",

  "figure.percentage": "der gemessenen Zeit zum Bildschirm gewandt",
  "figure.state": "Zustand",
  "figure.focus": "Jetzt zum Bildschirm gewandt",
  "figure.faces": "Gesichter im Bild",
  "figure.gaze": "Blick",
  "figure.blinks": "Lidschläge",
  "figure.head": "Kopf seitlich / hoch",
  "figure.openness": "Augen offen",
  "figure.frames": "Angekommene Bilder",
  "figure.way": "Verbindung",
  "figure.perMinute": "{count} · {rate} pro Minute",
  "figure.yes": "ja",
  "figure.no": "nein",
  "figure.unknown": "unbekannt",
  "figure.headAngles": "{yaw}° / {pitch}°",

  "gaze.center": "zum Bildschirm",
  "gaze.left": "links",
  "gaze.right": "rechts",
  "gaze.up": "oben",
  "gaze.down": "unten",

  "way.direct": "direkt",
  "way.direct-tcp": "direkt (TCP)",
  "way.turn-udp": "Relais (UDP)",
  "way.turn-tcp": "Relais (TCP)",
  "way.turn-tls": "Relais (TLS)",
  "way.websocket": "Bild für Bild",
  "way.rest": "Einzelbilder",
  "way.rtt": "{way}, {ms} ms",

  "recap.title": "Deine Sitzung",
  "recap.lead": "Du warst {focused} von {total}, die sich messen ließen, zum Bildschirm gewandt.",
  "recap.leadNone": "Die Sitzung war zu kurz, um etwas zu messen.",
  "recap.leadOnly": "Es ließ sich nichts messen: {cause}, {time} lang.",
  "recap.none":
    "Die Sitzung ist beendet. Ihre Zusammenfassung kam nicht rechtzeitig an; der Dienst bewahrt sie auf.",
  "recap.bar": "{focused} zum Bildschirm gewandt, {unfocused} abgewandt, {unknown} unbekannt",
  "recap.total": "Insgesamt gemessen",
  "recap.percentage": "Zum Bildschirm gewandt, vom Gemessenen",
  "recap.blinks": "Lidschläge",
  "recap.causes": "Was das Übrige war",
  "recap.sent": "Was gesendet wurde",
  "recap.sentText": "Diese Zahlen bilden den Eintrag deiner Sitzung:",
  "recap.seconds":
    "Neben diesen Summen wurde einmal je Sekunde festgehalten, wohin Gesicht und Augen zeigten. Auch das sind nur Zahlen.",
  "recap.record": "Der Eintrag selbst",
  "recap.field.time": "Gemessene Zeit",
  "recap.field.elapsed": "Vom Beginn bis zum Ende",
  "recap.again": "Noch einmal starten",

  "end.excess":
    "Die Kamera sendete ein größeres Bild, als der Dienst annimmt; die Verbindung wurde getrennt.",
  "end.max_duration": "Die Sitzung hat ihre längste Dauer erreicht und wurde geschlossen.",
  "end.idle": "Eine Weile kam kein Bild an, darum wurde die Sitzung geschlossen.",
  "end.replaced":
    "Du hast diese Lektion in einem anderen Tab oder auf einem anderen Gerät geöffnet; hier wurde sie beendet.",
  "end.peer_lost": "Die Verbindung war zu lange weg. Was bis dahin gemessen wurde, bleibt.",
  "end.track_ended": "Die Kamera hat aufgehört zu senden, darum wurde die Sitzung geschlossen.",
  "end.drained": "Der Dienst wurde neu gestartet. Was bis dahin gemessen wurde, bleibt.",
  "end.error":
    "Der Dienst hatte ein Problem und hat die Sitzung geschlossen. Es liegt nicht an dir.",

  "time.seconds": "{s}\u00a0s",
  "time.minutes": "{m}\u00a0min {s}\u00a0s",

  "check.title": "Verbindungstest",
  "check.link": "Verbindung testen",
  "check.lead":
    "Prüft die Kamera, den Dienst und jeden Weg dorthin aus diesem Netz. Kein Bild verlässt dein Gerät. Es dauert höchstens eine Minute.",
  "check.start": "Test starten",
  "check.again": "Noch einmal testen",
  "check.waiting": "noch nicht geprüft",
  "check.running": "wird geprüft …",
  "check.camera": "Kamera",
  "check.signaling": "Dienst",
  "check.absent": "bei diesem Dienst nicht eingerichtet",
  "check.connected": "bereit nach {connect} s",
  "check.connectedTrip": "verbunden nach {connect} s, hin und zurück {trip} ms",
  "check.verdict": "Ergebnis",
  "check.verdict.works":
    "Die Blickmessung geht hier: Die Kamera ist bereit, der beste Weg zum Dienst ist {way} ({details}). Geprüft {time}.",
  "check.verdict.pictures":
    "Die Blickmessung geht hier, aber dieses Netz lässt kein Video durch: Bilder gehen über {way} ({details}). Geprüft {time}.",
  "check.verdict.camera":
    "Das Netz ist in Ordnung ({way}, {details}), die Kamera nicht: {why}. Geprüft {time}.",
  "check.verdict.none":
    "Der Dienst antwortet, aber in diesem Netz geht kein Weg für Bilder. Geprüft {time}.",
  "check.verdict.service": "Der Dienst antwortet aus diesem Netz nicht: {why}. Geprüft {time}.",
  "check.copy": "Für den Support kopieren",
  "check.copied": "Kopiert.",
  "check.copyYourself":
    "Dein Browser erlaubt es nicht: Öffne die Einzelheiten und kopiere sie dort.",
  "check.json": "Einzelheiten",
  "check.foot":
    "Der Test öffnet kurz deine Kamera und schließt sie wieder. Nichts wird gespeichert.",

  "error.permission_denied": "Die Kamera ist gesperrt",
  "error.permission_denied.help":
    "Erlaube sie für diese Seite: über das Kamerasymbol in der Adresszeile oder die Website-Einstellungen. Starte dann noch einmal.",
  "error.no_camera": "Keine Kamera gefunden",
  "error.no_camera.help": "Schließe eine Kamera an oder schalte sie ein und starte noch einmal.",
  "error.camera_busy": "Die Kamera ist belegt",
  "error.camera_busy.help":
    "Ein anderes Programm, vielleicht ein Videoanruf, benutzt sie. Beende es und starte noch einmal.",
  "error.camera_lost": "Die Kamera wurde getrennt",
  "error.camera_lost.help":
    "Gerade wird nichts gemessen. Stecke die Kamera wieder an und drücke Weiter, oder beende.",
  "error.camera_failed": "Die Kamera ließ sich nicht starten",
  "error.camera_failed.help":
    "Stecke sie neu an oder starte den Browser neu, und versuche es noch einmal.",
  "error.insecure_page": "Diese Seite ist nicht sicher",
  "error.insecure_page.help":
    "Browser geben die Kamera nur https-Seiten. Öffne diese Seite mit https://.",
  "error.unsupported": "Dieser Browser kann das nicht",
  "error.unsupported.help": "Ein aktueller Chrome, Edge, Firefox oder Safari kann es.",
  "error.token_expired": "Deine Anmeldung ist abgelaufen",
  "error.token_expired.help": "Lade die Seite der Lektion neu und starte noch einmal.",
  "error.token_refused": "Der Dienst kennt deine Anmeldung nicht",
  "error.token_refused.help":
    "Sag bitte deiner Schule Bescheid: Die Anmeldung dieser Seite gilt beim Dienst nicht. Deine Lektion ist davon nicht betroffen.",
  "error.forbidden": "Diese Seite darf den Dienst nicht benutzen",
  "error.forbidden.help":
    "Sag bitte deiner Schule Bescheid: Der Dienst nimmt von dieser Adresse keine Sitzungen an.",
  "error.refused": "Der Dienst hat die Verbindung abgelehnt",
  "error.refused.help":
    "Sag bitte deiner Schule Bescheid, mit der Zeile darunter. Deine Lektion ist davon nicht betroffen.",
  "error.session_gone": "Die Sitzung ist beim Dienst beendet",
  "error.session_gone.help":
    "Die Verbindung war zu lange weg, oder die Sitzung wurde in einem anderen Tab geöffnet. Was gemessen wurde, bleibt. Du kannst eine neue starten.",
  "error.disabled": "Die Blickmessung ist abgeschaltet",
  "error.disabled.help":
    "Deine Schule hat sie zurzeit abgeschaltet. Mach mit deiner Lektion weiter.",
  "error.overloaded": "Der Dienst ist ausgelastet",
  "error.overloaded.help":
    "Gerade laufen zu viele Sitzungen. Versuche es in einer Minute noch einmal oder mach mit der Lektion weiter.",
  "error.service_failed": "Der Dienst hat ein Problem",
  "error.service_failed.help":
    "Es liegt nicht an dir. Versuche es in einer Minute noch einmal oder mach mit der Lektion weiter.",
  "error.unreachable": "Der Dienst ist nicht erreichbar",
  "error.unreachable.help":
    "Prüfe, ob du online bist. Wenn ja, versuche es in einer Minute noch einmal oder mach mit der Lektion weiter.",
  "error.connection_failed": "Das Video kommt nicht durch",
  "error.connection_failed.help":
    "Dein Netz lässt diese Seite durch, aber nicht das Video. Vielleicht hilft ein anderes Netz.",
  "error.aborted": "Die Sitzung wurde angehalten",
  "error.aborted.help": "Du kannst noch einmal starten.",
  "error.internal": "In dieser Seite ist etwas schiefgegangen",
  "error.internal.help": "Lade die Seite neu. Deine Lektion ist davon nicht betroffen.",
  "error.ids": "Dieser Link ist unvollständig",
  "error.ids.help":
    "Die Seite muss Person und Modul kennen: Öffne sie aus deiner Lektion oder ergänze ?user_id=…&module_id=… in ihrer Adresse.",
};
