/** The last minute, second by second. */

export type Account = "focused" | "unfocused" | "unknown";

export interface Second {
  /** What most frames of this second said; null where there was none. */
  readonly account: Account | null;
  /** Mean attention score, 0–1; 0 where it is not known. */
  readonly score: number;
}

interface Tally {
  focused: number;
  unfocused: number;
  unknown: number;
  score: number;
}

export const SECONDS = 60;
const NOTHING: Second = { account: null, score: 0 };

export class FocusHistory {
  readonly #tallies = new Map<number, Tally>();

  /** One frame, at `atMs` milliseconds of a monotonic clock. */
  add(atMs: number, isFocused: boolean | null, score: number | null): void {
    const second = Math.floor(atMs / 1000);
    const tally = this.#tallies.get(second) ?? { focused: 0, unfocused: 0, unknown: 0, score: 0 };
    tally[accountOf(isFocused)] += 1;
    tally.score += score ?? 0;
    this.#tallies.set(second, tally);
    for (const old of this.#tallies.keys()) if (old <= second - SECONDS) this.#tallies.delete(old);
  }

  /** The minute before `atMs`, oldest second first. */
  minute(atMs: number): Second[] {
    const last = Math.floor(atMs / 1000);
    return Array.from({ length: SECONDS }, (_, i) => this.#second(last - SECONDS + 1 + i));
  }

  #second(second: number): Second {
    const tally = this.#tallies.get(second);
    if (!tally) return NOTHING;
    const frames = tally.focused + tally.unfocused + tally.unknown;
    return { account: majority(tally), score: tally.score / frames };
  }
}

export function accountOf(isFocused: boolean | null): Account {
  if (isFocused === null) return "unknown";
  return isFocused ? "focused" : "unfocused";
}

function majority({ focused, unfocused, unknown }: Tally): Account {
  if (unknown > focused && unknown > unfocused) return "unknown";
  return focused >= unfocused ? "focused" : "unfocused";
}
