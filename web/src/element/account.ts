/** A finished session in words: for the student, who should need nobody to explain it. */

import type { SummaryMessage } from "../lib/index.js";
import type { Wording } from "../texts/wording.js";

/** Less than that, in seconds, is told as nothing. */
const LEAST = 0.5;

/** What came of it in one sentence; where nothing could be measured, what stood in the way. */
export function leadOf(summary: SummaryMessage, wording: Wording): string {
  if (summary.total_time >= LEAST) {
    return wording.say("recap.lead", {
      focused: wording.duration(summary.focused_time),
      total: wording.duration(summary.total_time),
    });
  }
  const [worst] = causesOf(summary);
  if (!worst) return wording.say("recap.leadNone");
  const [cause, seconds] = worst;
  return wording.say("recap.leadOnly", {
    cause: wording.sayIfKnown(`cause.${cause}`, cause),
    time: wording.duration(seconds),
  });
}

/** Why time was not spent facing the screen, the longest first. */
export function causesOf(summary: SummaryMessage): [cause: string, seconds: number][] {
  return Object.entries({ ...summary.unfocused_by_cause, ...summary.unknown_by_cause })
    .filter(([, seconds]) => seconds >= LEAST)
    .sort(([, a], [, b]) => b - a);
}

/** What was sent, as a table of words; behind it the record to the letter. */
export function fillSent(place: HTMLElement, summary: SummaryMessage, wording: Wording): void {
  const lead = paragraph(wording.say("recap.sentText"));
  const seconds = paragraph(wording.say("recap.seconds"));
  const table = document.createElement("table");
  table.append(...rowsOf(summary, wording).map(([name, value]) => row(name, value)));
  const record = document.createElement("details");
  const title = document.createElement("summary");
  title.textContent = wording.say("recap.record");
  const text = document.createElement("pre");
  text.id = "recap-record";
  text.tabIndex = 0;
  text.setAttribute("part", "record");
  text.textContent = JSON.stringify(summary, null, 2);
  record.append(title, text);
  place.replaceChildren(lead, table, seconds, record);
}

function rowsOf(summary: SummaryMessage, wording: Wording): [string, string][] {
  const time = (value: number) => wording.duration(value);
  return [
    [wording.say("recap.field.elapsed"), time(summary.elapsed)],
    [wording.say("recap.field.time"), time(summary.total_time)],
    [wording.say("account.focused"), time(summary.focused_time)],
    [wording.say("account.unfocused"), time(summary.unfocused_time)],
    [wording.say("account.unknown"), time(summary.unknown_time)],
    ...causesOf(summary).map(([cause, seconds]): [string, string] => [
      `– ${wording.sayIfKnown(`cause.${cause}`, cause)}`,
      time(seconds),
    ]),
    [wording.say("recap.blinks"), String(summary.blink_count)],
  ];
}

function row(name: string, value: string): HTMLElement {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  const cell = document.createElement("td");
  head.scope = "row";
  head.textContent = name;
  cell.textContent = value;
  line.append(head, cell);
  return line;
}

function paragraph(text: string): HTMLElement {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}
