import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat } from "../../src/lib/heartbeat.js";

const pings: number[] = [];
const silent = vi.fn();
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  pings.length = 0;
  silent.mockReset();
  heartbeat = new Heartbeat({ ping: (t) => pings.push(t), silent, now: () => Date.now() });
});

afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

test("a ping goes out at once and then every two seconds", () => {
  vi.advanceTimersByTime(5_000);
  expect(pings).toEqual([0, 2_000, 4_000]);
});

test("six seconds without a word are the end, told once", () => {
  vi.advanceTimersByTime(5_999);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(silent).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(20_000);
  expect(silent).toHaveBeenCalledTimes(1);
  expect(pings).toEqual([0, 2_000, 4_000]);
});

test("anything that arrives keeps it alive", () => {
  for (let i = 0; i < 10; i += 1) {
    vi.advanceTimersByTime(4_000);
    heartbeat.heard();
  }
  expect(silent).not.toHaveBeenCalled();
});

test("the round trip is the age of the ping that came back", () => {
  vi.advanceTimersByTime(2_042);
  heartbeat.pong(2_000);
  expect(heartbeat.roundTripMs).toBe(42);
});

test("a page that slept asks before it judges", () => {
  heartbeat.heard();
  vi.setSystemTime(3_600_000);
  vi.advanceTimersByTime(2_000);
  expect(silent).not.toHaveBeenCalled();
  heartbeat.heard();
  vi.advanceTimersByTime(4_000);
  expect(silent).not.toHaveBeenCalled();
});

test("a stopped one stays silent", () => {
  heartbeat.stop();
  vi.advanceTimersByTime(20_000);
  expect(pings).toEqual([0]);
  expect(silent).not.toHaveBeenCalled();
});
