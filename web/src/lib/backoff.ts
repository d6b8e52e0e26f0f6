/** When to try again: pure, so that the answer can be tested without waiting for it. */

export interface BackoffPolicy {
  /** The pause after the first failure; it doubles with each further one. */
  readonly baseMs: number;
  readonly capMs: number;
  /** No new attempt starts later than this after the first. */
  readonly giveUpAfterMs: number;
}

/** The student is looking at the page and waits. */
export const FIRST_CONNECTION: BackoffPolicy = { baseMs: 500, capMs: 4_000, giveUpAfterMs: 20_000 };

/** The lesson goes on meanwhile; the service says when the session is gone for good. */
export const RECONNECTION: BackoffPolicy = { baseMs: 300, capMs: 5_000, giveUpAfterMs: 120_000 };

export interface Failure {
  /** Failures so far, this one included: from 1. */
  readonly attempts: number;
  /** Since the first attempt began. */
  readonly elapsedMs: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  /** 0 ≤ random < 1 */
  readonly random: number;
}

/**
 * Milliseconds until the next attempt, or null to give up. Half of the pause is random, so that
 * a class whose service restarted does not come back in one moment; what the service asked for
 * (`Retry-After`) is a lower bound.
 */
export function retryDelay(policy: BackoffPolicy, failure: Failure): number | null {
  if (!failure.retryable) return null;
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** (failure.attempts - 1));
  const jittered = full * (0.5 + failure.random / 2);
  const delay = Math.max(jittered, (failure.retryAfterMs ?? 0) * (1 + failure.random / 4));
  return failure.elapsedMs + delay > policy.giveUpAfterMs ? null : delay;
}

const FIRST_CLIMB_MS = 2_000;
const CLIMB_AFTER_MS = 60_000;
const CLIMB_CAP_MS = 15 * 60_000;

/**
 * Milliseconds until a session on a lower rung tries a better one after so many failures: soon for
 * the first time, for the better one may only have been slower; then a minute and ever longer,
 * since an attempt costs both sides something and most networks stay as they are.
 */
export function climbDelay(failures: number, random: number): number {
  const full = failures === 0 ? FIRST_CLIMB_MS : CLIMB_AFTER_MS * 2 ** (failures - 1);
  return Math.min(CLIMB_CAP_MS, full) * (1 - random / 4);
}
