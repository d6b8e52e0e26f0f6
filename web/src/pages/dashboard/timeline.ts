/** A session second by second, gaps and all: what charts, replay and table are made of. Pure. */

import type { Account, Direction, Sample } from "./stored.js";

export type Span = { readonly from: number; readonly to: number };

export interface Minute {
  readonly focused: number;
  readonly unfocused: number;
  readonly unknown: number;
  readonly blinks: number;
  /** The cause that most of its unfocused and unknown seconds had. */
  readonly cause: string | null;
}

export class Timeline {
  /** By second; null where no picture was analysed. */
  readonly samples: readonly (Sample | null)[];

  private constructor(samples: readonly (Sample | null)[]) {
    this.samples = samples;
  }

  static of(samples: readonly Sample[]): Timeline {
    const last = samples.at(-1)?.second ?? -1;
    const bySecond: (Sample | null)[] = new Array(last + 1).fill(null);
    for (const sample of samples) bySecond[sample.second] = sample;
    return new Timeline(bySecond);
  }

  get length(): number {
    return this.samples.length;
  }

  at(second: number): Sample | null {
    return this.samples[second] ?? null;
  }

  /** What each second counts as; without a picture it is unknown. */
  accounts(): Account[] {
    return this.samples.map((sample) => (sample === null ? "unknown" : accountOf(sample)));
  }

  /** Why each second is not focused; a gap has the cause that is known at its end. */
  causes(): (string | null)[] {
    let after: string | null = null;
    return this.samples
      .toReversed()
      .map((sample) => {
        if (sample === null) return after ?? "no_frames";
        const cause = causeOf(sample);
        after = accountOf(sample) === "unknown" ? cause : null;
        return cause;
      })
      .toReversed();
  }

  /** The eyes' openness, without the dips of single seconds: those are blinks. */
  openness(): (number | null)[] {
    const values = this.samples.map((sample) => sample?.eye_openness ?? null);
    return values.map((value, i) => {
      const [before, after] = [values[i - 1] ?? null, values[i + 1] ?? null];
      if (value === null || before === null || after === null) return value;
      return Math.max(Math.min(before, value), Math.min(Math.max(before, value), after));
    });
  }

  /** Blinks that were counted during each second. */
  blinks(): number[] {
    let before = 0;
    return this.samples.map((sample) => {
      if (sample === null) return 0;
      const fresh = Math.max(0, sample.blinks - before);
      before = sample.blinks;
      return fresh;
    });
  }

  minutes(): Minute[] {
    const seconds = { accounts: this.accounts(), causes: this.causes(), blinks: this.blinks() };
    const count = Math.ceil(this.length / 60);
    return Array.from({ length: count }, (_, minute) => minuteOf(60 * minute, seconds));
  }
}

interface Seconds {
  readonly accounts: readonly Account[];
  readonly causes: readonly (string | null)[];
  readonly blinks: readonly number[];
}

function minuteOf(from: number, { accounts, causes, blinks }: Seconds): Minute {
  const seconds = { focused: 0, unfocused: 0, unknown: 0 };
  for (const account of accounts.slice(from, from + 60)) seconds[account] += 1;
  const counts = new Map<string, number>();
  for (const cause of causes.slice(from, from + 60)) {
    if (cause !== null) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  const blinked = blinks.slice(from, from + 60).reduce((sum, count) => sum + count, 0);
  return { ...seconds, blinks: blinked, cause: most(counts) };
}

/** Where there is one value for seconds on end. */
export function runsOf<T>(values: readonly (T | null)[]): (Span & { readonly value: T })[] {
  const runs: { from: number; to: number; value: T }[] = [];
  values.forEach((value, second) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last.to === second && last.value === value) last.to = second + 1;
    else runs.push({ from: second, to: second + 1, value });
  });
  return runs;
}

function most(counts: ReadonlyMap<string, number>): string | null {
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** What the second counts as; records of older services lack `is_focused`. */
export function accountOf({ is_focused, state }: Sample): Account {
  if (is_focused === undefined) return state === "pending" ? "unknown" : state;
  if (is_focused === null) return "unknown";
  return is_focused ? "focused" : "unfocused";
}

const UNFOCUSED = new Set(["looking_away", "face_turned", "eyes_closed", "no_face"]);

/** The cause of a second that is not focused; one that is only suspected yet does not count. */
export function causeOf(sample: Sample): string | null {
  const account = accountOf(sample);
  if (account === "focused" || sample.cause === null) return null;
  return UNFOCUSED.has(sample.cause) === (account === "unfocused") ? sample.cause : null;
}

export function accountOfCause(cause: string): Account {
  return UNFOCUSED.has(cause) ? "unfocused" : "unknown";
}

export const DIRECTIONS: readonly Direction[] = ["up", "left", "center", "right", "down"];

/** `7:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
