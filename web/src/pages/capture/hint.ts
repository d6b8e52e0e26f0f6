/** What the student could change, said only when it has been true for a while. */

import type { MetricsMessage } from "../../lib/index.js";

const ADVISABLE = new Set([
  "no_face",
  "several_faces",
  "low_light",
  "low_quality",
  "no_frames",
  "calibrating",
]);
const STEADY_MS = 1_500;

export class Hints {
  #candidate: string | null = null;
  #since = 0;
  #shown: string | null = null;

  /** The code of the hint to show at `atMs`, or null. */
  take(
    { face_count, cause }: Pick<MetricsMessage, "face_count" | "cause">,
    atMs: number,
  ): string | null {
    const candidate = advisable(face_count, cause);
    if (candidate !== this.#candidate) {
      this.#candidate = candidate;
      this.#since = atMs;
    }
    if (atMs - this.#since >= STEADY_MS) this.#shown = candidate;
    return this.#shown;
  }
}

function advisable(faces: number, cause: string | null): string | null {
  if (cause !== null && ADVISABLE.has(cause)) return cause;
  return faces === 0 ? "no_face" : null;
}
