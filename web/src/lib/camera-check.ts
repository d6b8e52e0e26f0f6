/** Whether a picture is good enough to begin with, and what to change where it is not. */

import type { MetricsMessage } from "./messages.gen.js";

export type CheckItem = "face" | "alone" | "light" | "distance";

/** `waiting`: nothing is known yet. */
export type CheckAnswer =
  | "waiting"
  | "ok"
  | "no_face"
  | "several_faces"
  | "too_dark"
  | "unclear"
  | "too_far"
  | "too_near";

export type CheckReport = Readonly<Record<CheckItem, CheckAnswer>>;

/** What is known of one picture. */
export interface CheckSight {
  readonly metrics: Pick<MetricsMessage, "face_count" | "quality">;
  /** Mean brightness of the whole picture, 0–1; null where the page cannot tell. */
  readonly brightness: number | null;
  /** Pixels across, as the service gets the picture; null where that is not known. */
  readonly width: number | null;
}

/** The whole picture's: a face's own would judge its skin. */
const DARK = 0.12;
/** Distance between the outer corners of the eyes as a share of the picture's width. */
const FAR = 0.08; // 95 cm before a usual camera; the service wants 0.07 at 640 pixels
const NEAR = 0.4; // 20 cm
const USUAL_WIDTH = 640;
/** An answer changes when another one has held for so long. */
const STEADY_MS = 600;
/** What the student was told is shown for so long before a session begins all the same. */
const PATIENCE_MS = 15_000;
const READY_MS = 1_500;

const WAITING: CheckReport = {
  face: "waiting",
  alone: "waiting",
  light: "waiting",
  distance: "waiting",
};

/** Takes one picture after the other; an answer that flickers stays what it was. */
export class CameraCheck {
  #report: CheckReport = WAITING;
  #passedSince: number | null = null;
  #faceSince: number | null = null;
  readonly #candidates = new Map<CheckItem, { answer: CheckAnswer; since: number }>();

  get report(): CheckReport {
    return this.#report;
  }

  /** One picture, at `atMs` of a monotonic clock. */
  take(sight: CheckSight, atMs: number): CheckReport {
    const now = answers(sight);
    const settled = Object.entries(now).map(([item, answer]) => [
      item,
      this.#settle(item as CheckItem, answer, atMs),
    ]);
    this.#report = Object.fromEntries(settled) as CheckReport;
    const passes = Object.values(this.#report).every((answer) => answer === "ok");
    this.#passedSince = passes ? (this.#passedSince ?? atMs) : null;
    this.#faceSince = this.#report.face === "ok" ? (this.#faceSince ?? atMs) : null;
    return this.#report;
  }

  /**
   * Whether to begin: all has been right for a while, or somebody has sat there for long who
   * cannot or will not change what is not. Time that cannot be judged is booked as unknown then.
   */
  mayBegin(atMs: number): boolean {
    return (
      atMs - (this.#passedSince ?? atMs) >= READY_MS ||
      atMs - (this.#faceSince ?? atMs) >= PATIENCE_MS
    );
  }

  #settle(item: CheckItem, answer: CheckAnswer, atMs: number): CheckAnswer {
    const shown = this.#report[item];
    const candidate = this.#candidates.get(item);
    if (candidate?.answer !== answer) this.#candidates.set(item, { answer, since: atMs });
    const since = candidate?.answer === answer ? candidate.since : atMs;
    return shown === "waiting" || atMs - since >= STEADY_MS ? answer : shown;
  }
}

/** The first answer that asks for a change, in the order in which a student would make it. */
export function firstProblem(report: CheckReport): CheckAnswer | null {
  const order: readonly CheckItem[] = ["light", "face", "alone", "distance"];
  const answers = order.map((item) => report[item]);
  return answers.find((answer) => answer !== "ok" && answer !== "waiting") ?? null;
}

function answers({ metrics, brightness, width }: CheckSight): CheckReport {
  const { face_count: faces, quality } = metrics;
  const distance = distanceOf(quality.inter_ocular_px, width ?? USUAL_WIDTH);
  const dark = brightness !== null && brightness < DARK;
  return {
    face: faces > 0 ? "ok" : "no_face",
    alone: faces > 1 ? "several_faces" : faces === 1 ? "ok" : "waiting",
    light: dark ? "too_dark" : quality.ok || distance === "too_far" ? "ok" : unclear(faces),
    distance,
  };
}

/** Without a face the service calls a picture bad for one reason only: it is too dark. */
function unclear(faces: number): CheckAnswer {
  return faces > 0 ? "unclear" : "too_dark";
}

function distanceOf(interOcularPx: number | null, width: number): CheckAnswer {
  if (interOcularPx === null) return "waiting";
  const share = interOcularPx / width;
  if (share < FAR) return "too_far";
  return share > NEAR ? "too_near" : "ok";
}
