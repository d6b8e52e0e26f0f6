/** Plays the numbers of a session again, second by second. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element } from "../shared/page.js";
import { put } from "./dom.js";
import { Figure } from "./figure.js";
import type { Sample } from "./stored.js";
import { accountOf, causeOf, clock, Timeline } from "./timeline.js";

const NONE = "–";

export class Replay {
  readonly #slider = element("replay-at", HTMLInputElement);
  readonly #button = element("replay-play", HTMLButtonElement);
  readonly #speed = element("replay-speed", HTMLSelectElement);
  readonly #figure = new Figure(element("replay-figure", HTMLElement));
  #timeline = Timeline.of([]);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly wording: DashboardWording,
    private readonly moved: (second: number) => void,
  ) {
    this.#button.addEventListener("click", () => this.#toggle());
    this.#slider.addEventListener("input", () => this.#show(this.#slider.valueAsNumber));
    this.#speed.addEventListener("change", () => this.#isPlaying && this.#play());
  }

  /** A session that runs keeps its place while it grows. */
  show(timeline: Timeline, { anew }: { readonly anew: boolean }): void {
    this.#timeline = timeline;
    this.#slider.max = String(Math.max(0, timeline.length - 1));
    if (anew) this.stop();
    this.#show(anew ? 0 : this.#slider.valueAsNumber);
  }

  seek(second: number): void {
    this.#show(second);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    put(this.#button, this.wording.say("replay.play"));
  }

  get #isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  #toggle(): void {
    if (this.#isPlaying) {
      this.stop();
      return;
    }
    if (this.#slider.valueAsNumber >= this.#timeline.length - 1) this.#show(0);
    this.#play();
  }

  #play(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#step(), 1000 / Number(this.#speed.value));
    put(this.#button, this.wording.say("replay.stop"));
  }

  #step(): void {
    const next = this.#slider.valueAsNumber + 1;
    if (next >= this.#timeline.length) this.stop();
    else this.#show(next);
  }

  #show(second: number): void {
    const { wording } = this;
    const sample = this.#timeline.at(second);
    const end = clock(Math.max(0, this.#timeline.length - 1));
    const position = wording.say("replay.at", { at: clock(second), end });
    this.#slider.value = String(second);
    this.#slider.setAttribute("aria-valuetext", `${position}: ${this.#state(sample)}`);
    put(element("replay-time", HTMLElement), position);
    this.#put("state", this.#state(sample));
    this.#put("gaze", this.#gaze(sample));
    this.#put("eyes", share(sample?.eye_openness, wording));
    this.#put("head", this.#head(sample));
    this.#put("blinks", sample === null ? NONE : wording.number(sample.blinks));
    this.#put("score", share(sample?.attention_score, wording));
    element("replay-panel", HTMLElement).dataset["account"] = sample ? accountOf(sample) : "none";
    this.#figure.show(sample);
    this.#figure.label(wording.say("replay.screen", { words: this.#words(sample) }));
    this.moved(second);
  }

  #put(name: string, text: string): void {
    put(element(`replay-${name}`, HTMLElement), text);
  }

  #state(sample: Sample | null): string {
    if (sample === null) return this.wording.say("replay.nothing");
    const account = this.wording.say(`account.${accountOf(sample)}`);
    const cause = causeOf(sample);
    return cause === null
      ? account
      : `${account}: ${this.wording.sayIfKnown(`cause.${cause}`, cause)}`;
  }

  #gaze(sample: Sample | null): string {
    const direction = sample?.gaze_direction ?? null;
    return direction === null ? NONE : this.wording.say(`gaze.${direction}`);
  }

  #head(sample: Sample | null): string {
    const pose = sample?.head_pose ?? null;
    if (pose === null) return NONE;
    const [yaw, pitch] = pose.map((angle) => this.wording.number(Math.round(angle) || 0));
    return this.wording.say("figure.headAngles", { yaw: yaw ?? NONE, pitch: pitch ?? NONE });
  }

  #words(sample: Sample | null): string {
    return `${this.#state(sample)}, ${this.#gaze(sample)}`;
  }
}

function share(value: number | null | undefined, wording: DashboardWording): string {
  return value === null || value === undefined ? NONE : wording.percent(100 * Math.min(1, value));
}
