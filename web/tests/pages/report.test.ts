import { expect, test } from "vitest";
import type { Rung } from "../../src/lib/state.js";
import {
  bestRung,
  type Outcome,
  type Report,
  RUNGS,
  verdictOf,
} from "../../src/pages/check/report.js";

const works: Outcome = { result: "works", connectMs: 300, roundTripMs: 12 };
const fails: Outcome = { result: "fails", reason: "connection_failed" };

/** A test in which only these ways worked. */
function report(rungs: readonly Rung[], parts: Partial<Report> = {}): Report {
  const outcomes = RUNGS.map((rung) => [rung, rungs.includes(rung) ? works : fails]);
  return {
    checkedAt: "2026-11-20T15:00:00Z",
    service: "https://eyes.example.org",
    browser: "a browser",
    camera: works,
    signaling: works,
    rungs: Object.fromEntries(outcomes),
    ...parts,
  };
}

test("the best way is the first of those that work", () => {
  expect(bestRung(report(["rest", "turn-tcp", "websocket"]))).toBe("turn-tcp");
  expect(bestRung(report([]))).toBeNull();
});

test.each([
  ["works", report(["direct", "websocket"])],
  ["pictures", report(["websocket", "rest"])],
  ["camera", report(["direct"], { camera: { result: "fails", reason: "no_camera" } })],
  ["none", report([])],
  ["service", report([], { signaling: { result: "fails", reason: "unreachable" } })],
] as const)("the verdict is %s", (verdict, found) => {
  expect(verdictOf(found)).toBe(`check.verdict.${verdict}`);
});

test("a network without any way is told before the camera", () => {
  expect(verdictOf(report([], { camera: fails }))).toBe("check.verdict.none");
});
