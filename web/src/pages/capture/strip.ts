/** Draws the last minute: colour and height both say it, for those who see no colour. */

import type { Wording } from "../../texts/wording.js";
import { type Account, SECONDS, type Second } from "./focus-history.js";

export class Strip {
  readonly #bars: readonly HTMLElement[];

  constructor(
    private readonly host: HTMLElement,
    private readonly wording: Wording,
  ) {
    this.#bars = Array.from({ length: SECONDS }, () => document.createElement("span"));
    host.replaceChildren(...this.#bars);
  }

  draw(minute: readonly Second[]): void {
    minute.forEach(({ account, score }, i) => {
      const bar = this.#bars[i];
      if (!bar) return;
      bar.dataset["account"] = account ?? "none";
      bar.style.setProperty("--score", score.toFixed(2));
    });
    this.host.setAttribute("aria-label", this.wording.say("session.strip", counts(minute)));
  }
}

function counts(minute: readonly Second[]): Record<Account, number> {
  const count = (wanted: Account) => minute.filter(({ account }) => account === wanted).length;
  return { focused: count("focused"), unfocused: count("unfocused"), unknown: count("unknown") };
}
