import { expect, test } from "vitest";
import { type Paintable, Painter } from "../../../src/pages/dashboard/painter.js";
import { qualityOf } from "../../../src/pages/dashboard/quality.js";
import { pathsOf, STEPS, secondsOf } from "../../../src/pages/dashboard/trail.js";

test("the newest bar of a trail stands at the right, and colour is not all that tells", () => {
  const { focused, unfocused, unknown } = pathsOf("f.un");
  expect(focused).toMatch(/^M56 /);
  expect(unfocused).toMatch(/^M58 /);
  expect(unknown).toMatch(/^M59 /);
  const height = (path: string) => Number(/v-([\d.]+)/.exec(path)?.[1]);
  expect(height(focused)).toBeGreaterThan(height(unfocused));
  expect(height(unfocused)).toBeGreaterThan(height(unknown));
  expect(pathsOf("f".repeat(STEPS)).focused).toMatch(/^M0 /);
  expect(secondsOf("ffu.n")).toEqual({ focused: 10, unfocused: 5, unknown: 5 });
});

test("a frame's work ends with its budget, and nothing is forgotten or done twice", () => {
  let now = 0;
  const frames: (() => void)[] = [];
  const painter = new Painter(
    (frame) => frames.push(frame),
    () => now,
  );
  const painted: number[] = [];
  const cards: Paintable[] = Array.from({ length: 7 }, (_, i) => ({
    paint: () => {
      now += 2;
      painted.push(i);
    },
  }));
  for (const card of [...cards, ...cards]) painter.ask(card);
  expect(frames).toHaveLength(1);
  const perFrame: number[] = [];
  for (let frame = frames.shift(); frame; frame = frames.shift()) {
    const before = painted.length;
    frame();
    perFrame.push(painted.length - before);
  }
  expect(perFrame).toEqual([3, 3, 1]);
  expect(painted).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test.each([
  [{ fps: null, usable: null }, null],
  [{ fps: 0, usable: null }, 0],
  [{ fps: 10, usable: 1 }, 3],
  [{ fps: 5, usable: 1 }, 2],
  [{ fps: 10, usable: 0.6 }, 2],
  [{ fps: 2, usable: 1 }, 1],
  [{ fps: 10, usable: 0.1 }, 1],
])("pictures %o are of quality %s", (session, quality) => {
  expect(qualityOf(session)).toBe(quality);
});
