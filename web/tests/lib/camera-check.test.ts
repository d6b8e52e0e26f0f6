import { describe, expect, test } from "vitest";
import { CameraCheck, type CheckSight, firstProblem } from "../../src/lib/camera-check.js";

interface Seen {
  faces?: number;
  ok?: boolean;
  px?: number | null;
  brightness?: number | null;
  width?: number | null;
}

function sight({ faces = 1, ok = true, px = 90, brightness = 0.4, width = 640 }: Seen): CheckSight {
  const quality = {
    ok,
    inter_ocular_px: px,
    luminance: null,
    sharpness: null,
    lids: true,
    gaze: true,
  };
  return { metrics: { face_count: faces, quality }, brightness, width };
}

const GOOD = sight({});

describe("what is said of a picture", () => {
  test.each<[string, Seen, object]>([
    ["good", {}, { face: "ok", alone: "ok", light: "ok", distance: "ok" }],
    ["nobody", { faces: 0, px: null }, { face: "no_face", alone: "waiting", distance: "waiting" }],
    ["two people", { faces: 2 }, { face: "ok", alone: "several_faces" }],
    ["dark", { brightness: 0.05 }, { light: "too_dark" }],
    ["dark, by the service", { faces: 0, ok: false, px: null }, { light: "too_dark" }],
    ["blurred", { ok: false }, { light: "unclear", distance: "ok" }],
    ["far", { px: 40, ok: false }, { distance: "too_far", light: "ok" }],
    ["near", { px: 300 }, { distance: "too_near" }],
    ["far in a small picture", { px: 20, width: 320 }, { distance: "too_far" }],
    ["right in a small picture", { px: 45, width: 320 }, { distance: "ok" }],
    [
      "of unknown width and light",
      { brightness: null, width: null },
      { light: "ok", distance: "ok" },
    ],
  ])("%s", (_, seen, expected) => {
    expect(new CameraCheck().take(sight(seen), 0)).toMatchObject(expected);
  });
});

test("the first picture is told at once, a change when it has held", () => {
  const check = new CameraCheck();
  expect(check.take(sight({ faces: 2 }), 0).alone).toBe("several_faces");
  expect(check.take(GOOD, 100).alone).toBe("several_faces");
  expect(check.take(GOOD, 699).alone).toBe("several_faces");
  expect(check.take(GOOD, 700).alone).toBe("ok");
});

test("what flickers does not change what is shown", () => {
  const check = new CameraCheck();
  check.take(GOOD, 0);
  for (let at = 100; at < 5_000; at += 100) {
    expect(check.take(at % 200 === 0 ? GOOD : sight({ faces: 2 }), at).alone).toBe("ok");
  }
});

/** Shows the same picture ten times a second; returns when the session may begin, or null. */
function begins(check: CameraCheck, seen: CheckSight, from: number, to: number): number | null {
  for (let at = from; at <= to; at += 100) {
    check.take(seen, at);
    if (check.mayBegin(at)) return at;
  }
  return null;
}

test("it begins when all has been right for a while, and not while something is not", () => {
  const check = new CameraCheck();
  expect(begins(check, sight({ faces: 0, px: null }), 0, 60_000)).toBeNull();
  expect(begins(check, GOOD, 60_100, 61_500)).toBeNull();
  expect(begins(check, sight({ faces: 2 }), 61_600, 62_400)).toBeNull();
  expect(begins(check, GOOD, 62_500, 70_000)).toBe(64_600);
});

test("somebody who changes nothing is not kept waiting for ever", () => {
  expect(begins(new CameraCheck(), sight({ px: 300 }), 0, 60_000)).toBe(15_000);
});

test("light comes before everything else, and what waits is no problem", () => {
  const check = new CameraCheck();
  expect(firstProblem(check.report)).toBeNull();
  expect(firstProblem(check.take(sight({ faces: 2, brightness: 0.01 }), 0))).toBe("too_dark");
});
