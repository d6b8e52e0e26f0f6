import { expect, test } from "vitest";
import { Hints } from "../../src/pages/capture/hint.js";

const GOOD = { face_count: 1, cause: null };
const DARK = { face_count: 1, cause: "low_light" };

test("a hint comes once it has been true for a while, and goes the same way", () => {
  const hints = new Hints();
  expect(hints.take(DARK, 0)).toBeNull();
  expect(hints.take(DARK, 1_499)).toBeNull();
  expect(hints.take(DARK, 1_500)).toBe("low_light");
  expect(hints.take(GOOD, 1_600)).toBe("low_light");
  expect(hints.take(GOOD, 3_100)).toBeNull();
});

test("what flickers is not said", () => {
  const hints = new Hints();
  for (let at = 0; at < 10_000; at += 200) {
    expect(hints.take(at % 400 === 0 ? DARK : GOOD, at)).toBeNull();
  }
});

test("no face is said before the ledger has settled it", () => {
  const hints = new Hints();
  hints.take({ face_count: 0, cause: null }, 0);
  expect(hints.take({ face_count: 0, cause: null }, 1_500)).toBe("no_face");
});

test("looking away is nobody's fault", () => {
  const hints = new Hints();
  hints.take({ face_count: 1, cause: "looking_away" }, 0);
  expect(hints.take({ face_count: 1, cause: "looking_away" }, 9_000)).toBeNull();
});
