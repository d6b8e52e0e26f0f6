/** The figures of this moment. */

import type { MetricsMessage, RunningMetrics } from "../../lib/index.js";
import type { Wording } from "../../texts/wording.js";
import { element } from "../shared/page.js";
import { divide } from "./bar.js";

const NONE = "–";
const MOMENT = ["m-state", "m-focus", "m-face-count", "f-gaze", "f-head", "f-openness"];

export class Readout {
  constructor(private readonly wording: Wording) {}

  show(message: MetricsMessage): void {
    this.#showAccount(message.metrics);
    this.#showMoment(message);
  }

  #showAccount({ focused_time, unfocused_time, unknown_time, ...rest }: RunningMetrics): void {
    const { wording } = this;
    const known = rest.total_time > 0;
    this.#put("f-percentage", known ? wording.percent(rest.focus_percentage) : NONE);
    this.#put("f-focused", wording.duration(focused_time), focused_time);
    this.#put("f-unfocused", wording.duration(unfocused_time), unfocused_time);
    this.#put("f-unknown", wording.duration(unknown_time), unknown_time);
    divide(element("live-bar", HTMLElement), focused_time, unfocused_time, unknown_time);
  }

  #showMoment(message: MetricsMessage): void {
    this.#put("m-state", stateText(message, this.wording), message.state);
    this.#put("m-focus", this.#focus(message.is_focused), String(message.is_focused));
    this.#put("m-face-count", String(message.face_count), message.face_count);
    this.#put("f-gaze", this.#gaze(message.gaze_direction));
    this.#put("f-blinks", this.#blinks(message));
    this.#put("f-head", this.#head(message));
    this.#put("f-openness", this.#openness(message.eye_openness));
    this.#put("m-seq", String(message.seq), message.seq);
  }

  /** Nothing is measured at present: only the account still stands. */
  clearMoment(): void {
    for (const id of MOMENT) {
      const place = element(id, HTMLElement);
      place.textContent = NONE;
      delete place.dataset["value"];
    }
  }

  showWay(text: string): void {
    this.#put("f-way", text);
  }

  #put(id: string, text: string, value?: string | number): void {
    const place = element(id, HTMLElement);
    if (place.textContent !== text) place.textContent = text;
    if (value !== undefined) place.dataset["value"] = String(value);
  }

  #focus(isFocused: boolean | null): string {
    if (isFocused === null) return this.wording.say("figure.unknown");
    return this.wording.say(isFocused ? "figure.yes" : "figure.no");
  }

  #gaze(direction: string | null): string {
    return direction === null ? NONE : this.wording.sayIfKnown(`gaze.${direction}`, direction);
  }

  #openness(share: number | null): string {
    return share === null ? NONE : this.wording.percent(100 * Math.min(1, share));
  }

  #blinks({ blinks, blink_rate }: MetricsMessage): string {
    if (blink_rate === null) return String(blinks);
    return this.wording.say("figure.perMinute", {
      count: blinks,
      rate: this.wording.number(blink_rate),
    });
  }

  #head({ head_pose }: MetricsMessage): string {
    if (head_pose === null) return NONE;
    const angle = (degrees: number) => this.wording.number(Math.round(degrees) || 0);
    return this.wording.say("figure.headAngles", {
      yaw: angle(head_pose.yaw),
      pitch: angle(head_pose.pitch),
    });
  }
}

/** The state in words, with its cause where there is one. */
export function stateText(
  { state, cause }: Pick<MetricsMessage, "state" | "cause">,
  wording: Wording,
): string {
  if (cause !== null) return wording.sayIfKnown(`cause.${cause}`, cause);
  return wording.sayIfKnown(`account.${state}`, state);
}
