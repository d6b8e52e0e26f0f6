/** How good the pictures are, in four steps; null where the service cannot tell. */

import type { LiveSession } from "./stored.js";

export type Quality = 0 | 1 | 2 | 3;

/** Ten pictures a second are asked for; seven leave the metrics as they are, four do not. */
const ENOUGH_FPS = 7;
const FEW_FPS = 4;
const MOST = 0.9;
const HALF = 0.5;

export function qualityOf({ fps, usable }: Pick<LiveSession, "fps" | "usable">): Quality | null {
  if (fps === null) return null;
  if (fps === 0 || usable === null) return 0;
  if (fps >= ENOUGH_FPS && usable >= MOST) return 3;
  return fps >= FEW_FPS && usable >= HALF ? 2 : 1;
}
