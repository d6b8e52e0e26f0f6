import { expect, test } from "vitest";
import { POINTS, shareOfScreen } from "../../src/pages/capture/screen-share.js";

const FULL = {
  screenX: 0,
  screenY: 0,
  outerWidth: 1600,
  outerHeight: 900,
  innerWidth: 1600,
  innerHeight: 900,
  screen: { width: 1600, height: 900 },
};

test("in full screen a place in the window is the same on the screen", () => {
  for (const place of POINTS) {
    expect(shareOfScreen(place, FULL).x).toBeCloseTo(place.x);
    expect(shareOfScreen(place, FULL).y).toBeCloseTo(place.y);
  }
});

test("a window on the right half of the screen is on the right half", () => {
  const half = { ...FULL, screenX: 800, outerWidth: 800, innerWidth: 800, innerHeight: 800 };
  expect(shareOfScreen({ x: 0.5, y: 0 }, half)).toEqual({ x: 0.75, y: 100 / 900 });
});

test("a window on a second screen stays within what the service takes", () => {
  expect(shareOfScreen({ x: 0.5, y: 0.5 }, { ...FULL, screenX: 1600 }).x).toBe(1);
  expect(shareOfScreen({ x: 0.5, y: 0.5 }, { ...FULL, screenX: -1600 }).x).toBe(0);
});

test("nine different places are looked at", () => {
  expect(new Set(POINTS.map(({ x, y }) => `${x} ${y}`)).size).toBe(9);
});
