import { describe, expect, test } from "vitest";
import {
  type BackoffPolicy,
  FIRST_CONNECTION,
  RECONNECTION,
  retryDelay,
} from "../../src/lib/backoff.js";

const POLICY: BackoffPolicy = { baseMs: 300, capMs: 7000, giveUpAfterMs: 60_000 };
const FAILURE = { attempts: 1, elapsedMs: 0, retryable: true, retryAfterMs: undefined, random: 0 };

test("the pause doubles from the base up to the cap", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((attempts) =>
    retryDelay(POLICY, { ...FAILURE, attempts, random: 1 }),
  );
  expect(delays).toEqual([300, 600, 1200, 2400, 4800, 7000, 7000]);
});

test("half of the pause is random", () => {
  expect(retryDelay(POLICY, { ...FAILURE, attempts: 3, random: 0 })).toBe(600);
  expect(retryDelay(POLICY, { ...FAILURE, attempts: 3, random: 0.5 })).toBe(900);
});

test("Retry-After is a lower bound, spread upwards", () => {
  const asked = { ...FAILURE, retryAfterMs: 5000 };
  expect(retryDelay(POLICY, asked)).toBe(5000);
  expect(retryDelay(POLICY, { ...asked, random: 1 })).toBe(6250);
});

test("what cannot get better is not tried again", () => {
  expect(retryDelay(POLICY, { ...FAILURE, retryable: false })).toBeNull();
});

test("no attempt starts after the time to give up", () => {
  expect(retryDelay(POLICY, { ...FAILURE, elapsedMs: 59_800 })).toBe(150);
  expect(retryDelay(POLICY, { ...FAILURE, elapsedMs: 59_900 })).toBeNull();
  expect(retryDelay(POLICY, { ...FAILURE, retryAfterMs: 61_000 })).toBeNull();
});

describe("over a whole outage", () => {
  function attemptsWithin(policy: BackoffPolicy, random: number): number {
    let elapsedMs = 0;
    for (let attempts = 1; ; attempts += 1) {
      const delay = retryDelay(policy, { ...FAILURE, attempts, elapsedMs, random });
      if (delay === null) return attempts;
      elapsedMs += delay;
    }
  }

  test("a reconnection is tried often enough to meet a ten-second outage soon after its end", () => {
    expect(retryDelay(RECONNECTION, { ...FAILURE, attempts: 20, random: 1 })).toBeLessThanOrEqual(
      7000,
    );
    expect(attemptsWithin(RECONNECTION, 1)).toBeGreaterThan(15);
    expect(attemptsWithin(RECONNECTION, 0)).toBeLessThan(60);
  });

  test("a first connection gives up while the student still waits", () => {
    expect(attemptsWithin(FIRST_CONNECTION, 1)).toBeGreaterThanOrEqual(5);
    expect(FIRST_CONNECTION.giveUpAfterMs).toBeLessThanOrEqual(20_000);
  });
});
