import { expect, test } from "vitest";
import type { Sample } from "../../../src/pages/dashboard/stored.js";
import { causeOf, clock, runsOf, Timeline } from "../../../src/pages/dashboard/timeline.js";

function sample(second: number, changes: Partial<Sample> = {}): Sample {
  return {
    second,
    state: "focused",
    is_focused: true,
    face_count: 1,
    cause: null,
    gaze_direction: "center",
    gaze_point: null,
    calibrated: false,
    head_pose: [0, 0, 0],
    eye_openness: 1,
    blinks: 0,
    attention_score: 0.9,
    ...changes,
  };
}

test("seconds without a picture are unknown, for the reason that is known afterwards", () => {
  const paused = { state: "unknown", is_focused: null, cause: "muted" } as const;
  const timeline = Timeline.of([sample(0), sample(3, paused), sample(5)]);
  expect(timeline.accounts()).toEqual([
    "focused",
    "unknown",
    "unknown",
    "unknown",
    "unknown",
    "focused",
  ]);
  expect(timeline.causes()).toEqual([null, "muted", "muted", "muted", "no_frames", null]);
});

test("blinks are told by the second, across gaps and after a restart of the count", () => {
  const timeline = Timeline.of([
    sample(0, { blinks: 1 }),
    sample(2, { blinks: 4 }),
    sample(3, { blinks: 4 }),
    sample(4, { blinks: 0 }),
    sample(5, { blinks: 1 }),
  ]);
  expect(timeline.blinks()).toEqual([1, 0, 3, 0, 0, 1]);
});

test("a cause that is only suspected is not told", () => {
  expect(causeOf(sample(0, { cause: "no_face" }))).toBeNull();
  const away = { is_focused: false, cause: "looking_away" } as const;
  expect(causeOf(sample(0, away))).toBe("looking_away");
  expect(causeOf(sample(0, { is_focused: null, cause: "looking_away" }))).toBeNull();
});

test("records of older services are read by their state", () => {
  const { is_focused: _, ...old } = sample(0, { state: "unfocused", cause: "no_face" });
  const { is_focused: __, ...pending } = sample(1, { state: "pending" });
  expect(Timeline.of([old, pending]).accounts()).toEqual(["unfocused", "unknown"]);
});

test("a closure of one second is a blink, one of two seconds is closed eyes", () => {
  const open = [1, 0, 1, 1, 0, 0, 1].map((eye_openness, i) => sample(i, { eye_openness }));
  expect(Timeline.of(open).openness()).toEqual([1, 1, 1, 1, 0, 0, 1]);
});

test("a minute says how it was spent, and mostly why not", () => {
  const away = { is_focused: false, state: "unfocused", cause: "looking_away" } as const;
  const dark = { is_focused: null, state: "unknown", cause: "low_light" } as const;
  const samples = Array.from({ length: 61 }, (_, i) =>
    sample(i, { blinks: Math.floor(i / 10), ...(i < 10 ? away : i < 15 ? dark : {}) }),
  );
  const [first, second] = Timeline.of(samples).minutes();
  expect(first).toEqual({
    focused: 45,
    unfocused: 10,
    unknown: 5,
    blinks: 5,
    cause: "looking_away",
  });
  expect(second).toEqual({ focused: 1, unfocused: 0, unknown: 0, blinks: 1, cause: null });
});

test("an empty session is an empty timeline", () => {
  const timeline = Timeline.of([]);
  expect([timeline.length, timeline.minutes(), timeline.at(0)]).toEqual([0, [], null]);
});

test("runs end where the value changes", () => {
  expect(runsOf(["a", "a", null, "a", "b"])).toEqual([
    { from: 0, to: 2, value: "a" },
    { from: 3, to: 4, value: "a" },
    { from: 4, to: 5, value: "b" },
  ]);
});

test("moments are said as on a clock", () => {
  expect([0, 65.9, 3723, -1].map(clock)).toEqual(["0:00", "1:05", "1:02:03", "0:00"]);
});
