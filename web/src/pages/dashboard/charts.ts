/** The timeline: four charts over one axis of time, with one cursor. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { DashboardKey } from "../../texts/dashboard/en.js";
import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element } from "../shared/page.js";
import {
  drawBand,
  drawBlinks,
  drawLanes,
  LANE_HEIGHT,
  type Lane,
  LINE_HEIGHT,
  laneAxis,
  middles,
  type Palette,
  palette,
  shareAxis,
  TIME_AXIS_HEIGHT,
  timeAxis,
} from "./chart-parts.js";
import { make } from "./dom.js";
import type { Account } from "./stored.js";
import { accountOfCause, DIRECTIONS, runsOf, type Timeline } from "./timeline.js";

const SYNC = "timeline";
const LEAST_WIDTH = 260;
/** A click that moved the mouse this far was meant to zoom. */
const DRAGGED = 3;
const ACCOUNTS: readonly Account[] = ["focused", "unfocused", "unknown"];

interface Chart {
  readonly title: DashboardKey;
  /** The whole in a sentence, for those who do not see it. */
  readonly label: string;
  readonly height: number;
  readonly axis: uPlot.Axis;
  readonly range: readonly [number, number];
  readonly values: (number | null)[];
  readonly stroke: string | null;
  readonly behind?: (plot: uPlot) => void;
  readonly above?: (plot: uPlot) => void;
}

export class Charts {
  readonly #host = element("charts", HTMLElement);
  #plots: { readonly plot: uPlot; readonly head: HTMLElement }[] = [];
  #timeline: Timeline | null = null;
  #at = 0;

  constructor(
    private readonly wording: DashboardWording,
    private readonly seek: (second: number) => void,
  ) {
    new ResizeObserver(() => this.#resize()).observe(this.#host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  show(timeline: Timeline): void {
    this.#timeline = timeline;
    this.#redraw();
  }

  /** The moment of the replay. */
  moveTo(second: number): void {
    this.#at = second;
    for (const { plot, head } of this.#plots) {
      const x = plot.valToPos(second + 0.5, "x");
      head.hidden = !(x >= 0 && x <= plot.over.clientWidth);
      head.style.transform = `translateX(${x}px)`;
    }
  }

  clear(): void {
    for (const { plot } of this.#plots) plot.destroy();
    this.#plots = [];
    this.#host.replaceChildren();
  }

  #redraw(): void {
    const timeline = this.#timeline;
    this.clear();
    if (timeline === null || timeline.length === 0) return;
    const colours = palette();
    const charts = [
      this.#focus(timeline, colours),
      this.#eyes(timeline, colours),
      this.#gaze(timeline, colours),
      this.#causes(timeline, colours),
    ];
    for (const chart of charts) this.#add(chart, timeline, colours, chart === charts.at(-1));
    this.moveTo(this.#at);
  }

  #add(chart: Chart, timeline: Timeline, colours: Palette, isLast: boolean): void {
    const box = make("div", "chart");
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", chart.label);
    this.#host.append(make("h3", "", this.wording.say(chart.title)), box);
    const plot = new uPlot(
      this.#options(chart, colours, isLast),
      [middles(timeline.length), chart.values],
      box,
    );
    const head = make("div", "playhead");
    plot.over.append(head);
    this.#letSeek(plot, timeline);
    this.#plots.push({ plot, head });
  }

  #letSeek(plot: uPlot, timeline: Timeline): void {
    let from = 0;
    plot.over.addEventListener("mousedown", ({ clientX }) => {
      from = clientX;
    });
    plot.over.addEventListener("click", ({ clientX, offsetX }) => {
      if (Math.abs(clientX - from) >= DRAGGED) return;
      const second = Math.floor(plot.posToVal(offsetX, "x"));
      this.seek(Math.min(timeline.length - 1, Math.max(0, second)));
    });
  }

  #options(chart: Chart, colours: Palette, isLast: boolean): uPlot.Options {
    const { behind, above, stroke } = chart;
    return {
      width: this.#width,
      height: chart.height + (isLast ? TIME_AXIS_HEIGHT : 8),
      padding: [4, 8, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: SYNC },
        y: false,
        drag: { x: true, y: false },
        points: { show: false },
      },
      scales: {
        x: { time: false, range: (_, low, high) => [low, high] },
        y: { range: [...chart.range] },
      },
      series: [
        {},
        stroke === null
          ? { show: false }
          : { stroke, width: 1.5, points: { show: false }, spanGaps: false },
      ],
      axes: [timeAxis(colours, isLast), chart.axis],
      hooks: {
        drawClear: behind ? [behind] : [],
        draw: above ? [above] : [],
        setScale: [(_, name) => name === "x" && this.moveTo(this.#at)],
      },
    };
  }

  get #width(): number {
    return Math.max(LEAST_WIDTH, this.#host.clientWidth);
  }

  #resize(): void {
    const width = this.#width;
    for (const { plot } of this.#plots) {
      if (plot.width !== width) plot.setSize({ width, height: plot.height });
    }
    this.moveTo(this.#at);
  }

  // ------------------------------------------------------------ the four

  #focus(timeline: Timeline, colours: Palette): Chart {
    const runs = runsOf(timeline.accounts());
    return {
      title: "time.focus",
      label: this.wording.say("time.focus.label", this.#accounts(timeline)),
      height: LINE_HEIGHT,
      axis: shareAxis(colours, this.wording),
      range: [0, 1.02],
      values: timeline.samples.map((sample) => sample?.attention_score ?? null),
      stroke: colours.ink,
      behind: (plot) => {
        for (const run of runs) {
          drawBand(plot, run, colours[run.value], run.value === "focused" ? 0.18 : 0.4);
        }
      },
    };
  }

  #accounts(timeline: Timeline): Record<Account, string> {
    const total = { focused: 0, unfocused: 0, unknown: 0 };
    for (const account of timeline.accounts()) total[account] += 1;
    const said = ACCOUNTS.map((name) => [name, this.wording.duration(total[name])]);
    return Object.fromEntries(said) as Record<Account, string>;
  }

  #eyes(timeline: Timeline, colours: Palette): Chart {
    const blinks = timeline.blinks();
    const count = blinks.reduce((sum, each) => sum + each, 0);
    return {
      title: "time.eyes",
      label: this.wording.say("time.eyes.label", { blinks: count }),
      height: LINE_HEIGHT,
      axis: shareAxis(colours, this.wording),
      range: [0, 1.3],
      values: timeline.openness(),
      stroke: colours.accent,
      above: (plot) => drawBlinks(plot, blinks, colours.ink),
    };
  }

  #gaze(timeline: Timeline, colours: Palette): Chart {
    const runs = runsOf(timeline.samples.map((sample) => sample?.gaze_direction ?? null));
    const lanes = DIRECTIONS.map((direction) => ({
      name: this.wording.say(`gaze.${direction}`),
      colour: colours.accent,
      spans: runs.filter(({ value }) => value === direction),
    }));
    const label = this.wording.say("time.gaze.label", { list: this.#list(lanes) });
    return this.#lanes("time.gaze", label, lanes, timeline, colours);
  }

  #causes(timeline: Timeline, colours: Palette): Chart {
    const runs = runsOf(timeline.causes());
    const causes = [...new Set(runs.map(({ value }) => value))].sort(byAccount);
    const lanes = causes.map((cause) => ({
      name: this.wording.sayIfKnown(`cause.${cause}`, cause),
      colour: colours[accountOfCause(cause)],
      spans: runs.filter(({ value }) => value === cause),
    }));
    const label =
      lanes.length === 0
        ? this.wording.say("time.causes.none")
        : this.wording.say("time.causes.label", { list: this.#list(lanes) });
    return this.#lanes("time.causes", label, lanes, timeline, colours);
  }

  #lanes(
    title: DashboardKey,
    label: string,
    lanes: readonly Lane[],
    timeline: Timeline,
    colours: Palette,
  ): Chart {
    const rows = Math.max(1, lanes.length);
    return {
      title,
      label,
      height: rows * LANE_HEIGHT,
      axis: laneAxis(lanes, colours),
      range: [0, rows],
      values: new Array<null>(timeline.length).fill(null),
      stroke: null,
      above: (plot) => drawLanes(plot, lanes, colours),
    };
  }

  #list(lanes: readonly Lane[]): string {
    return lanes
      .map(
        ({ name, spans }) =>
          [name, spans.reduce((sum, { from, to }) => sum + to - from, 0)] as const,
      )
      .filter(([, length]) => length > 0)
      .map(([name, length]) => `${name} ${this.wording.duration(length)}`)
      .join(", ");
  }
}

/** Unfocused before unknown. */
function byAccount(one: string, other: string): number {
  const order = (cause: string) => ACCOUNTS.indexOf(accountOfCause(cause));
  return order(one) - order(other) || one.localeCompare(other);
}
