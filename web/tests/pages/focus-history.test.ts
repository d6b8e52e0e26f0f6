import { expect, test } from "vitest";
import { FocusHistory, SECONDS } from "../../src/pages/capture/focus-history.js";

test("a minute is empty at first", () => {
  const minute = new FocusHistory().minute(5_000);
  expect(minute).toHaveLength(SECONDS);
  expect(minute.every(({ account }) => account === null)).toBe(true);
});

test("a second is what most of its frames say", () => {
  const history = new FocusHistory();
  for (const [at, focused] of [
    [100, true],
    [200, false],
    [300, false],
    [1_100, null],
    [1_200, null],
    [1_300, true],
  ] as const) {
    history.add(at, focused, 0.5);
  }
  const [first, second] = history.minute(1_900).slice(-2);
  expect(first).toEqual({ account: "unfocused", score: 0.5 });
  expect(second).toEqual({ account: "unknown", score: 0.5 });
});

test("the newest second is the last, and what is older than a minute is gone", () => {
  const history = new FocusHistory();
  history.add(500, true, 1);
  history.add(30_500, false, 0);
  const accounts = history.minute(59_900).map(({ account }) => account);
  expect(accounts[0]).toBe("focused");
  expect(accounts[30]).toBe("unfocused");
  history.add(61_000, true, null);
  expect(history.minute(61_000).map(({ account }) => account)[SECONDS - 1]).toBe("focused");
  expect(history.minute(61_000)[SECONDS - 1]?.score).toBe(0);
  expect(history.minute(59_900)[0]?.account).toBeNull();
});
