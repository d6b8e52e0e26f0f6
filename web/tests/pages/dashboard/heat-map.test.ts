import { expect, test } from "vitest";
import { COLUMNS, heatMapOf, LEAST_SECONDS, ROWS } from "../../../src/pages/dashboard/heat-map.js";
import type { Sample } from "../../../src/pages/dashboard/stored.js";

function looks(
  point: readonly [number, number] | null,
  seconds: number,
  calibrated = true,
): Sample[] {
  const one = { gaze_point: point, calibrated } as Sample;
  return new Array<Sample>(seconds).fill(one);
}

test("what is not calibrated, or too little, is not drawn", () => {
  expect(heatMapOf(looks([0.5, 0.5], 600, false))).toBeNull();
  expect(heatMapOf(looks([0.5, 0.5], LEAST_SECONDS - 1))).toBeNull();
  expect(heatMapOf(looks(null, 600))).toBeNull();
});

test("the warmest place is where most of the time went", () => {
  const map = heatMapOf([...looks([0.2, 0.8], 60), ...looks([0.7, 0.3], 30)]);
  expect(map?.peak.x).toBeCloseTo(0.2, 1);
  expect(map?.peak.y).toBeCloseTo(0.8, 1);
  const [warm, cooler] = [at(map?.heat, 0.2, 0.8), at(map?.heat, 0.7, 0.3)];
  expect(warm).toBe(1);
  expect(cooler).toBeCloseTo(0.5, 2);
  expect(at(map?.heat, 0.95, 0.95)).toBeLessThan(0.01);
});

test("what was looked at beside the screen is told and not drawn", () => {
  const map = heatMapOf([...looks([0.5, 0.5], 75), ...looks([1.2, 0.5], 25)]);
  expect(map?.seconds).toBe(100);
  expect(map?.outside).toBeCloseTo(0.25);
});

function at(heat: Float32Array | undefined, x: number, y: number): number {
  return heat?.[Math.floor(y * ROWS) * COLUMNS + Math.floor(x * COLUMNS)] ?? Number.NaN;
}
