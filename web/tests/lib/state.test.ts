import { expect, test } from "vitest";
import { mayFollow, type StateName } from "../../src/lib/state.js";

const ALL: StateName[] = [
  "new",
  "camera",
  "connecting",
  "live",
  "paused",
  "reconnecting",
  "stopping",
  "ended",
];

test("nothing follows the end", () => {
  expect(ALL.filter((to) => mayFollow("ended", to))).toEqual([]);
});

test("every state but the end can end, and nothing but the end follows stopping", () => {
  expect(ALL.filter((from) => mayFollow(from, "ended"))).toEqual(
    ALL.filter((name) => name !== "ended"),
  );
  expect(ALL.filter((to) => mayFollow("stopping", to))).toEqual(["ended"]);
});

test("a session is live only over a connection", () => {
  expect(ALL.filter((from) => mayFollow(from, "live"))).toEqual([
    "connecting",
    "live",
    "paused",
    "reconnecting",
  ]);
});

test("a session that was live does not connect for the first time again", () => {
  for (const from of ["live", "paused", "reconnecting"] as const) {
    expect(mayFollow(from, "connecting")).toBe(false);
    expect(mayFollow(from, "reconnecting")).toBe(true);
  }
});

test("no state goes back to new", () => {
  expect(ALL.filter((from) => mayFollow(from, "new"))).toEqual([]);
});
