/** The timeline in words and numbers, a row a minute. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element } from "../shared/page.js";
import { make } from "./dom.js";
import { clock, type Minute, type Timeline } from "./timeline.js";

export class MinuteTable {
  readonly #body = element("minutes", HTMLElement);

  constructor(private readonly wording: DashboardWording) {}

  show(timeline: Timeline): void {
    this.#body.replaceChildren(...timeline.minutes().map((minute, i) => this.#row(minute, i)));
  }

  #row(minute: Minute, number: number): HTMLElement {
    const { cause } = minute;
    const name = make("th", "", clock(60 * number));
    name.scope = "row";
    const cells = [
      this.wording.duration(minute.focused),
      this.wording.duration(minute.unfocused),
      this.wording.duration(minute.unknown),
      this.wording.number(minute.blinks),
      cause === null ? "–" : this.wording.sayIfKnown(`cause.${cause}`, cause),
    ];
    return make("tr", "", name, ...cells.map((text) => make("td", "", text)));
  }
}
