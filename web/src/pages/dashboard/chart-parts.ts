/** What the charts of a timeline share: colours, axes, and what is drawn on their canvas. */

import type uPlot from "uplot";
import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { clock, type Span } from "./timeline.js";

const FONT = "12px system-ui, sans-serif";
const NARROW_FONT = "11px system-ui, sans-serif";
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const NARROW = "(max-width: 40rem)";
/** Share of a lane's height that is filled. */
const FILL = 0.6;

export const LINE_HEIGHT = 128;
export const LANE_HEIGHT = 24;
export const TIME_AXIS_HEIGHT = 28;

export interface Palette {
  readonly focused: string;
  readonly unfocused: string;
  readonly unknown: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
}

/** The page's colours, as they are now. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const names = ["focused", "unfocused", "unknown", "ink", "soft", "line", "accent"] as const;
  const colours = names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return Object.fromEntries(colours) as unknown as Palette;
}

export interface Lane {
  readonly name: string;
  readonly colour: string;
  readonly spans: readonly Span[];
}

/** Seconds in a row; `x` is the middle of each. */
export function middles(length: number): number[] {
  return Array.from({ length }, (_, second) => second + 0.5);
}

/** Minutes and seconds at the foot of the last chart, and the lines up from there in all. */
export function timeAxis({ soft, line }: Palette, isShown: boolean): uPlot.Axis {
  return {
    stroke: soft,
    font: font(),
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    size: isShown ? TIME_AXIS_HEIGHT : 4,
    incrs: TICKS,
    values: (_, splits) => splits.map((second) => (isShown ? clock(second) : "")),
  };
}

export function shareAxis({ soft, line }: Palette, wording: DashboardWording): uPlot.Axis {
  return {
    stroke: soft,
    font: font(),
    size: sideWidth(),
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    splits: () => [0, 0.5, 1],
    values: (_, splits) => splits.map((value) => wording.percent(100 * value)),
  };
}

/** The lanes' names, the first on top: lane `i` of `n` lies around `n - i - 0.5`. */
export function laneAxis(lanes: readonly Lane[], { soft }: Palette): uPlot.Axis {
  return {
    stroke: soft,
    font: font(),
    size: sideWidth(),
    grid: { show: false },
    ticks: { show: false },
    splits: () => lanes.map((_, i) => lanes.length - i - 0.5),
    values: () => lanes.map(({ name }) => name),
  };
}

/** One width for all, so that the charts begin at one line. */
function sideWidth(): number {
  return matchMedia(NARROW).matches ? 112 : 156;
}

function font(): string {
  return matchMedia(NARROW).matches ? NARROW_FONT : FONT;
}

export function drawLanes(plot: uPlot, lanes: readonly Lane[], { line }: Palette): void {
  lanes.forEach(({ colour, spans }, i) => {
    const middle = lanes.length - i - 0.5;
    const top = plot.valToPos(middle + FILL / 2, "y", true);
    const height = plot.valToPos(middle - FILL / 2, "y", true) - top;
    fill(plot, { from: 0, to: Number.MAX_SAFE_INTEGER }, line, 0.35, top, height);
    for (const span of spans) fill(plot, span, colour, 1, top, height);
  });
}

/** Colours the background for a span of time. */
export function drawBand(plot: uPlot, span: Span, colour: string, alpha: number): void {
  fill(plot, span, colour, alpha, plot.bbox.top, plot.bbox.height);
}

function fill(
  plot: uPlot,
  { from, to }: Span,
  colour: string,
  alpha: number,
  top: number,
  height: number,
): void {
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
  if (right <= left) return;
  ctx.save();
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour;
  ctx.fillRect(left, top, Math.max(1, right - left), height);
  ctx.restore();
}

/** A stroke at the upper edge for each second with a blink in it. */
export function drawBlinks(plot: uPlot, blinks: readonly number[], colour: string): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  blinks.forEach((count, second) => {
    const x = plot.valToPos(second + 0.5, "x", true);
    if (count === 0 || x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.fillRect(x - pixel / 2, bbox.top, pixel, 9 * pixel);
  });
  ctx.restore();
}
