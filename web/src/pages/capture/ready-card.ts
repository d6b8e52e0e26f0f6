/** The check of the camera: what is good, and what to change. */

import { CheckWatch } from "../../element/check-watch.js";
import {
  type CheckItem,
  type CheckReport,
  type EyeSession,
  firstProblem,
  type StateName,
} from "../../lib/index.js";
import type { Wording } from "../../texts/wording.js";
import { element } from "../shared/page.js";

const ITEMS: readonly CheckItem[] = ["face", "alone", "light", "distance"];
const BEFORE: ReadonlySet<StateName> = new Set(["camera", "connecting", "checking"]);

export class ReadyCard {
  readonly watch: CheckWatch;
  readonly #card = element("ready", HTMLElement);
  readonly #announcer = element("announcer", HTMLElement);
  #began = false;

  constructor(
    private readonly session: EyeSession,
    private readonly wording: Wording,
    signal: AbortSignal,
  ) {
    const video = element("preview", HTMLVideoElement);
    this.watch = new CheckWatch(session, video, (report) => this.#show(report), signal);
    const begin = element("begin", HTMLButtonElement);
    begin.addEventListener("click", () => session.begin(), { signal });
    session.on("statechange", ({ name }) => this.#react(name), { signal });
    for (const item of ITEMS) this.#put(item, "waiting");
    this.#react(session.state.name);
  }

  #react(name: StateName): void {
    this.#began ||= name === "live";
    const shown = BEFORE.has(name) && !this.#began;
    const focused = this.#card.contains(document.activeElement);
    this.#card.hidden = !shown;
    // the card has its own ways out
    for (const id of ["metrics", "minute", "stop", "pause"])
      element(id, HTMLElement).hidden = shown;
    element("begin", HTMLButtonElement).disabled = this.session.state.name !== "checking";
    // the button that was just pressed is gone
    if (!shown && focused) element("session-title", HTMLElement).focus();
  }

  #show(report: CheckReport): void {
    for (const item of ITEMS) this.#put(item, report[item]);
    const problem = firstProblem(report);
    if (problem) this.#say(this.wording.say(`ready.${problem}`));
  }

  #put(item: CheckItem, answer: CheckReport[CheckItem]): void {
    const place = element(`ready-${item}`, HTMLElement);
    if (place.dataset["answer"] === answer) return;
    place.dataset["answer"] = answer;
    const text = place.querySelector("p");
    if (text) text.textContent = this.wording.say(`ready.${answer}`);
  }

  #say(text: string): void {
    if (this.#announcer.textContent !== text) this.#announcer.textContent = text;
  }
}
