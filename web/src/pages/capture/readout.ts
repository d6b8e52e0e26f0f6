/** The figures of this moment. */

import type { MetricsMessage } from "../../lib/index.js";
import { element } from "../shared/page.js";
import type { Wording } from "../shared/wording.js";

const NONE = "–";

export class Readout {
  constructor(private readonly wording: Wording) {}

  show(message: MetricsMessage): void {
    const { metrics } = message;
    const { wording } = this;
    this.#put(
      "f-percentage",
      metrics.total_time > 0 ? wording.percent(metrics.focus_percentage) : NONE,
    );
    this.#put("m-state", stateText(message, wording), message.state);
    this.#put("m-focus", this.#focus(message.is_focused), String(message.is_focused));
    this.#put("f-focused", wording.duration(metrics.focused_time), metrics.focused_time);
    this.#put("f-unfocused", wording.duration(metrics.unfocused_time), metrics.unfocused_time);
    this.#put("f-unknown", wording.duration(metrics.unknown_time), metrics.unknown_time);
    this.#put("m-face-count", String(message.face_count), message.face_count);
    this.#put("f-gaze", this.#gaze(message.gaze_direction));
    this.#put("f-blinks", this.#blinks(message));
    this.#put("f-head", this.#head(message));
    this.#put(
      "f-openness",
      message.eye_openness === null ? NONE : wording.percent(100 * message.eye_openness),
    );
    this.#put("m-seq", String(message.seq), message.seq);
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
