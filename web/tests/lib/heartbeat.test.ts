import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat } from "../../src/lib/heartbeat.js";

const pings: number[] = [];
const silent = vi.fn();
const changed = vi.fn();
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  pings.length = 0;
  silent.mockReset();
  changed.mockReset();
  const ping = (t: number) => void pings.push(t);
  heartbeat = new Heartbeat({ ping, silent, changed, now: () => Date.now() });
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

test("a silence is looked into before the next ping is due, and is trouble a second later", () => {
  vi.advanceTimersByTime(400);
  heartbeat.heard();
  vi.advanceTimersByTime(1_100);
  expect(pings).toEqual([0, 1_500]);
  expect(heartbeat.troubled).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(heartbeat.troubled).toBe(true);
  expect(changed).toHaveBeenCalledTimes(1);
});

test("any word ends the trouble", () => {
  vi.advanceTimersByTime(1_000);
  expect(heartbeat.troubled).toBe(true);
  heartbeat.heard();
  expect(heartbeat.troubled).toBe(false);
  expect(changed).toHaveBeenCalledTimes(2);
});

test("a slow way has more time before it is trouble", () => {
  heartbeat.heard();
  vi.advanceTimersByTime(800);
  heartbeat.pong(0);
  heartbeat.ask();
  vi.advanceTimersByTime(2_000);
  expect(heartbeat.troubled).toBe(false);
  vi.advanceTimersByTime(700);
  expect(heartbeat.troubled).toBe(true);
});

test("whoever doubts need not wait for the next ping", () => {
  heartbeat.heard();
  vi.advanceTimersByTime(100);
  heartbeat.ask();
  expect(pings).toEqual([0, 100]);
  vi.advanceTimersByTime(1_400);
  expect(heartbeat.troubled).toBe(true);
});

test("a stopped one stays silent", () => {
  heartbeat.stop();
  vi.advanceTimersByTime(20_000);
  expect(pings).toEqual([0]);
  expect(silent).not.toHaveBeenCalled();
});
