import { expect, test } from "vitest";
import { Hints } from "../../src/element/hint.js";

const GOOD = { face_count: 1, cause: null, perclos: 0.02 };
const DARK = { face_count: 1, cause: "low_light", perclos: 0.3 };

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
  hints.take({ face_count: 0, cause: null, perclos: 0.3 }, 0);
  expect(hints.take({ face_count: 0, cause: null, perclos: 0.3 }, 1_500)).toBe("no_face");
});

test("looking away is nobody's fault", () => {
  const hints = new Hints();
  hints.take({ face_count: 1, cause: "looking_away", perclos: null }, 0);
  expect(hints.take({ face_count: 1, cause: "looking_away", perclos: null }, 9_000)).toBeNull();
});

test("eyes that were closed for a tenth of the last minute ask for a break", () => {
  const hints = new Hints();
  const tired = { face_count: 1, cause: null, perclos: 0.1 };
  hints.take(tired, 0);
  expect(hints.take(tired, 1_500)).toBe("closed_often");
  hints.take({ ...tired, perclos: 0.09 }, 2_000);
  expect(hints.take({ ...tired, perclos: 0.09 }, 3_500)).toBeNull();
});
