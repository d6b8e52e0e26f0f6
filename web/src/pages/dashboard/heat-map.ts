/** Where on the screen the gaze was: seconds by region, smoothed by what a point errs. Pure. */

import type { Sample } from "./stored.js";

export const COLUMNS = 32;
export const ROWS = 18;
/** Less is no picture of anything. */
export const LEAST_SECONDS = 30;
/** Standard deviation in cells: about 2 cm on a laptop, half of what a point errs. */
const SIGMA = 1.6;
const REACH = Math.ceil(3 * SIGMA);

export interface HeatMap {
  /** By rows from the upper left, 0–1: 1 is where most of the time went. */
  readonly heat: Float32Array;
  readonly seconds: number;
  /** Share of them beside the screen. */
  readonly outside: number;
  /** The warmest place, in shares of the screen. */
  readonly peak: { readonly x: number; readonly y: number };
}

/** Null where there is too little that is calibrated. */
export function heatMapOf(samples: readonly Sample[]): HeatMap | null {
  const points = samples.filter(({ calibrated }) => calibrated).flatMap(pointOf);
  if (points.length < LEAST_SECONDS) return null;
  const inside = points.filter(([x, y]) => x >= 0 && x < 1 && y >= 0 && y < 1);
  const cells = new Float32Array(COLUMNS * ROWS);
  for (const [x, y] of inside) {
    const cell = Math.floor(y * ROWS) * COLUMNS + Math.floor(x * COLUMNS);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const heat = scaled(smoothed(cells));
  const outside = 1 - inside.length / points.length;
  return { heat, seconds: points.length, outside, peak: peakOf(heat) };
}

function pointOf({ gaze_point }: Sample): (readonly [number, number])[] {
  return gaze_point === null ? [] : [gaze_point];
}

/** A Gaussian across, then one down. */
function smoothed(cells: Float32Array): Float32Array {
  return pass(pass(cells, COLUMNS, 1), ROWS, COLUMNS);
}

function pass(cells: Float32Array, length: number, stride: number): Float32Array {
  const out = new Float32Array(cells.length);
  cells.forEach((value, index) => {
    if (value === 0) return;
    const at = Math.floor(index / stride) % length;
    for (let step = -REACH; step <= REACH; step++) {
      if (at + step < 0 || at + step >= length) continue;
      const target = index + step * stride;
      out[target] = (out[target] ?? 0) + value * Math.exp(-(step * step) / (2 * SIGMA * SIGMA));
    }
  });
  return out;
}

function scaled(cells: Float32Array): Float32Array {
  const most = cells.reduce((a, b) => Math.max(a, b), 0);
  return most === 0 ? cells : cells.map((value) => value / most);
}

function peakOf(heat: Float32Array): { x: number; y: number } {
  let best = 0;
  heat.forEach((value, index) => {
    if (value > (heat[best] ?? 0)) best = index;
  });
  return {
    x: ((best % COLUMNS) + 0.5) / COLUMNS,
    y: (Math.floor(best / COLUMNS) + 0.5) / ROWS,
  };
}
