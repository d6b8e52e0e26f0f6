/** The last minutes as shapes: colour and height both say it, for those who see no colour. */

import type { Account } from "./stored.js";

/** Bars of a whole trail: five minutes. */
export const STEPS = 60;
export const HEIGHT = 20;

const HEIGHTS: Readonly<Record<string, readonly [Account, number]>> = {
  f: ["focused", HEIGHT],
  u: ["unfocused", HEIGHT * 0.55],
  n: ["unknown", HEIGHT * 0.25],
};
const GAP = 0.22;

export type Paths = Readonly<Record<Account, string>>;

/** SVG path data by account, the newest bar at the right of a box of `STEPS` by `HEIGHT`. */
export function pathsOf(trail: string): Paths {
  const paths: Record<Account, string> = { focused: "", unfocused: "", unknown: "" };
  const first = STEPS - trail.length;
  for (let i = 0; i < trail.length; i++) {
    const bar = HEIGHTS[trail[i] ?? ""];
    if (!bar) continue;
    const [account, height] = bar;
    paths[account] += `M${first + i} ${HEIGHT}v${-height}h${1 - GAP}v${height}z`;
  }
  return paths;
}

/** Seconds of each account in a trail. */
export function secondsOf(trail: string, step = 5): Record<Account, number> {
  const seconds = { focused: 0, unfocused: 0, unknown: 0 };
  for (const letter of trail) {
    const bar = HEIGHTS[letter];
    if (bar) seconds[bar[0]] += step;
  }
  return seconds;
}
