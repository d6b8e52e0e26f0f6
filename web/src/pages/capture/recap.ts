/** The account of a finished session, and what was sent of it. */

import { causesOf, fillSent, leadOf } from "../../element/account.js";
import type { SummaryMessage } from "../../lib/index.js";
import type { Wording } from "../../texts/wording.js";
import { element } from "../shared/page.js";
import { divide } from "./bar.js";

export class Recap {
  constructor(private readonly wording: Wording) {}

  show(summary: SummaryMessage): void {
    const { focused_time, unfocused_time, unknown_time, total_time, focus_percentage } = summary;
    this.#why(summary.end_reason);
    element("recap-lead", HTMLElement).textContent = leadOf(summary, this.wording);
    element("recap-figures", HTMLElement).hidden = false;
    this.#seconds("s-focused", focused_time);
    this.#seconds("s-unfocused", unfocused_time);
    this.#seconds("s-unknown", unknown_time);
    this.#seconds("s-total", total_time);
    put(
      "s-percentage",
      total_time > 0 ? this.wording.percent(focus_percentage) : "–",
      focus_percentage,
    );
    put("s-blinks", String(summary.blink_count), summary.blink_count);
    this.#bar(focused_time, unfocused_time, unknown_time);
    this.#causes(causesOf(summary));
    fillSent(element("recap-sent", HTMLElement), summary, this.wording);
  }

  /** The service has it, this page does not. */
  showMissing(): void {
    this.#why("");
    element("recap-lead", HTMLElement).textContent = this.wording.say("recap.none");
    element("recap-figures", HTMLElement).hidden = true;
  }

  /** Why it ended, where the student did not end it. */
  #why(reason: string): void {
    const why = element("recap-why", HTMLElement);
    why.textContent = this.wording.sayIfKnown(`end.${reason}`, "");
    why.hidden = why.textContent === "";
  }

  #seconds(id: string, seconds: number): void {
    put(id, this.wording.duration(seconds), seconds);
  }

  #bar(focused: number, unfocused: number, unknown: number): void {
    const bar = element("recap-bar", HTMLElement);
    divide(bar, focused, unfocused, unknown);
    const say = (seconds: number) => this.wording.duration(seconds);
    const values = { focused: say(focused), unfocused: say(unfocused), unknown: say(unknown) };
    bar.setAttribute("aria-label", this.wording.say("recap.bar", values));
  }

  #causes(longest: readonly [string, number][]): void {
    element("recap-causes", HTMLElement).hidden = longest.length === 0;
    element("recap-cause-list", HTMLElement).replaceChildren(
      ...longest.map(([cause, seconds]) => this.#cause(cause, seconds)),
    );
  }

  #cause(cause: string, seconds: number): HTMLElement {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const time = document.createElement("span");
    name.textContent = this.wording.sayIfKnown(`cause.${cause}`, cause);
    time.textContent = this.wording.duration(seconds);
    item.append(name, time);
    return item;
  }
}

function put(id: string, text: string, value: number): void {
  const place = element(id, HTMLElement);
  place.textContent = text;
  place.dataset["value"] = String(value);
}
