/** Head and gaze as the numbers say: a sketch from angles, no picture of anybody. */

import { drawn } from "./dom.js";
import type { Direction, Sample } from "./stored.js";

const WIDTH = 320;
const HEIGHT = 200;
/** The screen that is looked at, and how far beside it a gaze is still drawn. */
const SCREEN = { x: 40, y: 22, width: 240, height: 135 };
const BESIDE = 0.14;
/** Pixels that a face turns in the sketch for each degree. */
const TURN = 0.42;
/** Pixels of an eye from the middle. */
const EYE = 11;
const TOWARDS: Readonly<Record<Direction, readonly [number, number]>> = {
  center: [0.5, 0.5],
  left: [0.1, 0.5],
  right: [0.9, 0.5],
  up: [0.5, 0.12],
  down: [0.5, 0.88],
};

export class Figure {
  readonly #gaze = drawn("circle", { class: "figure-gaze", r: "9" });
  readonly #head = drawn("g", { class: "figure-head" });
  readonly #lids: readonly SVGEllipseElement[];

  constructor(private readonly host: HTMLElement) {
    this.#lids = [-1, 1].map((side) =>
      drawn("ellipse", {
        class: "figure-eye",
        cx: String(10 * side),
        cy: "-6",
        rx: "5.5",
        ry: "3",
      }),
    );
    this.#head.append(
      drawn("rect", {
        class: "figure-face",
        x: "-29",
        y: "-31",
        width: "58",
        height: "62",
        rx: "27",
      }),
      ...this.#lids,
    );
    const screen = Object.fromEntries(Object.entries(SCREEN).map(([k, v]) => [k, String(v)]));
    const svg = drawn(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT + 34}`, "aria-hidden": "true" },
      drawn("rect", { class: "figure-screen", rx: "8", ...screen }),
      this.#gaze,
      this.#head,
    );
    host.append(svg);
  }

  show(sample: Sample | null): void {
    this.#showGaze(sample);
    this.#showHead(sample);
  }

  label(text: string): void {
    this.host.setAttribute("aria-label", text);
  }

  #showGaze(sample: Sample | null): void {
    const place = sample === null ? null : placeOf(sample);
    this.#gaze.toggleAttribute("hidden", place === null);
    if (place === null) return;
    const [x, y] = place;
    this.#gaze.style.transform = `translate(${SCREEN.x + within(x) * SCREEN.width}px, ${SCREEN.y + within(y) * SCREEN.height}px)`;
    this.#gaze.classList.toggle("is-vague", !sample?.calibrated);
  }

  #showHead(sample: Sample | null): void {
    const pose = sample?.head_pose ?? null;
    this.#head.classList.toggle("is-away", pose === null);
    // seen from behind the screen: the head turns as in a mirror, the way people know it
    const [yaw, pitch, roll] = pose ?? [0, 0, 0];
    this.#head.style.transform = `translate(${WIDTH / 2}px, ${HEIGHT}px) rotate(${-roll}deg)`;
    const [x, y] = [yaw * TURN, -pitch * TURN];
    const open = Math.min(1.1, Math.max(0.06, sample?.eye_openness ?? 0.06));
    for (const [i, lid] of this.#lids.entries()) {
      lid.setAttribute("cx", String((i === 0 ? -EYE : EYE) + x));
      lid.setAttribute("cy", String(-5 + y));
      lid.setAttribute("ry", String(5 * open));
    }
  }
}

function placeOf({
  gaze_point,
  gaze_direction,
  calibrated,
}: Sample): readonly [number, number] | null {
  if (calibrated && gaze_point !== null) return gaze_point;
  return gaze_direction === null ? null : TOWARDS[gaze_direction];
}

function within(share: number): number {
  return Math.min(1 + BESIDE, Math.max(-BESIDE, share));
}
