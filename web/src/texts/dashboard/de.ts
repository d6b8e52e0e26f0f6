import { de as shared } from "../de.js";
import type { OwnTexts } from "./en.js";

/** What the dashboard says beside what all pages say, in German. */
export const own: OwnTexts = {
  "dash.title": "Übersicht",
  "dash.brand": "Blickmessung · Übersicht",
  "dash.foot":
    "Wohin Gesichter und Augen zeigen, und nicht mehr. Kein Maß für Verständnis, Mühe oder Charakter; nicht für Noten oder Ranglisten.",
  "dash.nav": "Ansichten",
  "dash.live": "Laufende Klasse",
  "dash.sessions": "Sitzungen",
  "dash.leave": "Abmelden",

  "door.title": "Anmelden",
  "door.lead":
    "Die Übersicht braucht ein Lehrkräfte-Token deiner Lernplattform. Öffne sie von dort oder füge das Token hier ein.",
  "door.label": "Lehrkräfte-Token",
  "door.open": "Übersicht öffnen",
  "door.kept": "Es bleibt nur in diesem Tab und kommt nie in eine Adresse.",
  "door.expired": "Das Token gilt nicht mehr. Hole dir ein neues von deiner Plattform.",
  "door.invalid": "Der Dienst kennt dieses Token nicht. Ist es vollständig?",
  "door.student":
    "Das ist das Token einer Schülerin oder eines Schülers. Nötig ist eines für Lehrkräfte.",
  "door.refused": "Dieses Token darf das nicht sehen.",

  "feed.connecting": "Verbinde",
  "feed.live": "Live",
  "feed.lost": "Verbindung verloren – neuer Versuch",
  "feed.busy": "Zu viele sehen gerade zu – neuer Versuch",

  "class.title": "Laufende Klasse",
  "class.lead": "Jeder Streifen zeigt die letzten fünf Minuten, ein Balken je fünf Sekunden.",
  "class.count.one": "1 Sitzung",
  "class.count": "{number} Sitzungen",
  "class.now":
    "In diesem Moment: {focused} zum Bildschirm gewandt, {unfocused} abgewandt, {unknown} unbekannt",
  "class.filter.module": "Modul",
  "class.filter.section": "Abschnitt",
  "class.filter.all": "Alle",
  "class.filter.none": "keiner",
  "class.empty": "In deinen Modulen läuft keine Sitzung.",
  "class.empty.help": "Sobald jemand beginnt, erscheint der Streifen hier von selbst.",
  "class.loading": "Suche laufende Sitzungen…",
  "class.trail":
    "Letzte fünf Minuten: {focused} zum Bildschirm gewandt, {unfocused} abgewandt, {unknown} unbekannt",

  "card.student": "Person {id}",
  "card.section": "Abschnitt {id}",
  "card.module": "Modul {id}",
  "card.share": "{share} zum Bildschirm",
  "card.share.none": "noch nichts gemessen",
  "card.ended": "beendet",
  "card.new": "beginnt",
  "card.quality": "Bilder: {words}",
  "quality.3": "gut",
  "quality.2": "mittel",
  "quality.1": "schlecht",
  "quality.0": "keine",
  "quality.none": "hier nicht bekannt",

  "cause.face_turned": "abgewandt",
  "cause.calibrating": "Kalibrierung",
  "cause.low_quality": "unklares Bild",
  "cause.muted": "angehalten",
  "cause.hidden": "Seite verdeckt",
  "cause.reconnecting": "keine Verbindung",

  "way.relay": "Relais",
  "way.webrtc": "WebRTC",
  "way.socketio": "altes Programm",
  "way.none": "nicht verbunden",

  "past.title": "Sitzungen",
  "past.lead": "Die neuesten zuerst.",
  "past.student": "Person",
  "past.lesson": "Lektion",
  "past.began": "Beginn",
  "past.lasted": "Dauer",
  "past.focus": "Zum Bildschirm",
  "past.state": "Ende",
  "past.more": "Ältere zeigen",
  "past.empty": "Es gibt noch keine Sitzung.",
  "past.filter": "Person",
  "past.search": "Suchen",
  "past.open": "Sitzung von Person {id}, {when}",
  "past.running": "läuft",

  "ended.client_bye": "die Person selbst",
  "ended.track_ended": "Kamera weg",
  "ended.peer_lost": "Verbindung verloren",
  "ended.connect_timeout": "nie verbunden",
  "ended.idle": "keine Bilder",
  "ended.excess": "Bild zu groß",
  "ended.max_duration": "längste Zeit erreicht",
  "ended.drained": "Neustart des Dienstes",
  "ended.worker_lost": "Fehler des Dienstes",
  "ended.replaced": "neu geöffnet",
  "ended.error": "Fehler des Dienstes",

  "session.back": "Zurück",
  "session.heading": "Person {id}",
  "session.lesson": "Modul {module}, Abschnitt {section}",
  "session.lesson.module": "Modul {module}",
  "session.when": "{from}, {duration}",
  "session.csv": "CSV",
  "session.json": "JSON",
  "session.export": "Export",
  "session.running": "Diese Sitzung läuft: Der Verlauf folgt alle zehn Sekunden.",
  "session.gone": "Diese Sitzung gibt es nicht (mehr).",
  "session.none": "In dieser Sitzung wurde nichts gemessen.",

  "fig.focus": "zum Bildschirm gewandt, von dem, was gemessen wurde",
  "fig.blinks": "Lidschläge",
  "fig.rate": "{rate} je Minute",
  "fig.score": "Aufmerksamkeitswert, Mittel",
  "fig.perclos": "Augen zu, von der Zeit",

  "time.title": "Verlauf",
  "time.help":
    "Ziehen vergrößert, Doppelklick zeigt alles. Ein Klick bewegt die Wiedergabe dorthin.",
  "time.focus": "Zum Bildschirm",
  "time.causes": "Ursachen",
  "time.gaze": "Blick",
  "time.eyes": "Augen",
  "time.focus.label":
    "Aufmerksamkeitswert über die Zeit; der Grund zeigt, als was sie verbucht wurde: {focused} zum Bildschirm gewandt, {unfocused} abgewandt, {unknown} unbekannt.",
  "time.causes.label": "Ursachen über die Zeit: {list}.",
  "time.causes.none": "Nichts als Zeit zum Bildschirm gewandt.",
  "time.gaze.label": "Blickrichtung über die Zeit, von der Person aus: {list}.",
  "time.eyes.label": "Wie weit die Augen offen waren, und {blinks} Lidschläge.",
  "time.table": "Der Verlauf als Tabelle",
  "time.minute": "Minute",
  "time.mostly": "Meist",

  "replay.title": "Wiedergabe",
  "replay.lead": "Der Zahlen, Sekunde um Sekunde. Ein Video gibt es nicht.",
  "replay.play": "Abspielen",
  "replay.stop": "Anhalten",
  "replay.speed": "Tempo",
  "replay.position": "Stelle in der Sitzung",
  "replay.at": "{at} von {end}",
  "replay.screen": "Kopf und Blick, wie gemessen: {words}",
  "replay.state": "Verbucht als",
  "replay.gaze": "Blick",
  "replay.eyes": "Augen offen",
  "replay.head": "Kopf gedreht / geneigt",
  "replay.score": "Aufmerksamkeitswert",
  "replay.nothing": "kein Bild",

  "heat.title": "Wo auf dem Bildschirm",
  "heat.lead":
    "{seconds} nach den neun Punkten; {outside} davon neben dem Bildschirm. Ein Punkt irrt um etwa 4 cm: Lies Gegenden, keine Wörter.",
  "heat.label": "Blickkarte: das meiste {where}.",
  "heat.none":
    "Nicht gezeichnet: In dieser Sitzung wurden die neun Punkte nicht angesehen (oder weniger als eine halbe Minute lang). Ohne sie ist der Punkt zu ungenau.",
  "heat.top": "oben",
  "heat.middle": "Mitte",
  "heat.bottom": "unten",
  "heat.left": "links",
  "heat.center": "mittig",
  "heat.right": "rechts",

  "compare.title": "In ihrem Modul",
  "compare.title.module": "Das Modul als Ganzes",
  "compare.lead.module":
    "Der Balken ist die mittlere Hälfte der Personen, der Strich und die Zahl ihr Median.",
  "compare.lead":
    "Der Balken ist die mittlere Hälfte der Personen, der Strich ihr Median, der Punkt diese Sitzung.",
  "compare.module": "Modul {id}, {number} Personen",
  "compare.section": "Abschnitt {id}, {number} Personen",
  "compare.small.module":
    "Modul {id}: weniger als {least} Personen mit gemessener Zeit. Zu wenige, um zu vergleichen, ohne jemanden zu nennen.",
  "compare.small.section":
    "Abschnitt {id}: weniger als {least} Personen mit gemessener Zeit. Zu wenige, um zu vergleichen, ohne jemanden zu nennen.",
  "compare.focus_percentage": "Zum Bildschirm",
  "compare.unknown_percentage": "Unbekannt",
  "compare.blink_rate": "Lidschläge je Minute",
  "compare.label":
    "{name}: diese Sitzung {own}; die Hälfte der Personen zwischen {low} und {high}, Median {median}",
  "compare.label.none":
    "{name}: die Hälfte der Personen zwischen {low} und {high}, Median {median}",

  "mean.title": "Was die Zahlen sagen und was nicht",
  "mean.focused":
    "Zum Bildschirm gewandt: Gesicht und Augen zeigten dorthin. Ob jemand verstand, sich mühte oder es mochte, sieht man daran nicht – und Menschen sehen weg, um zu denken.",
  "mean.unknown":
    "Unbekannt: war nicht zu messen – dunkel, unscharf, angehalten, keine Verbindung. Es zählt weder für noch gegen jemanden; viel davon erzählt von Licht und Netz.",
  "mean.score":
    "Der Aufmerksamkeitswert ist eine Faustregel aus Kopf, Blick und Lidern. Er kennt keine Gefühle und weiß nichts von Beteiligung.",
  "mean.errors":
    "Einzelne Sekunden irren am meisten. Sieh auf Minuten, und frage, bevor du schließt.",
  "mean.use": "Nicht für Noten, Strafen oder Ranglisten.",
};

export const de = { ...shared, ...own };
