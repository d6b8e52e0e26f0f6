/** What the student could change, said only when it has been true for a while. */

import type { MetricsMessage } from "../lib/index.js";

const ADVISABLE = new Set([
  "no_face",
  "several_faces",
  "low_light",
  "low_quality",
  "not_alive",
  "camera_frozen",
  "no_picture",
  "no_frames",
  "calibrating",
]);
const STEADY_MS = 1_500;
/** Share of the last minute with closed eyes (PERCLOS) from which a break is suggested. */
const CLOSED_OFTEN = 0.1;

export class Hints {
  #candidate: string | null = null;
  #since = 0;
  #shown: string | null = null;

  /** The code of the hint to show at `atMs`, or null. */
  take(
    { face_count, cause, perclos }: Pick<MetricsMessage, "face_count" | "cause" | "perclos">,
    atMs: number,
  ): string | null {
    const candidate = advisable(face_count, cause, perclos);
    if (candidate !== this.#candidate) {
      this.#candidate = candidate;
      this.#since = atMs;
    }
    if (atMs - this.#since >= STEADY_MS) this.#shown = candidate;
    return this.#shown;
  }
}

function advisable(faces: number, cause: string | null, perclos: number | null): string | null {
  if (cause !== null && ADVISABLE.has(cause)) return cause;
  if (faces === 0) return "no_face";
  return perclos !== null && perclos >= CLOSED_OFTEN ? "closed_often" : null;
}
