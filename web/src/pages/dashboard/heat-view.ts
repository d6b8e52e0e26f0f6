/** Draws the heat map, or says why there is none. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element } from "../shared/page.js";
import { palette } from "./chart-parts.js";
import { put } from "./dom.js";
import { COLUMNS, type HeatMap, heatMapOf, ROWS } from "./heat-map.js";
import type { Sample } from "./stored.js";

const LEAST_SEEN = 0.04;
/** Below 1 the fainter places are seen better. */
const CONTRAST = 0.7;

export class HeatView {
  readonly #canvas = element("heat", HTMLCanvasElement);

  constructor(private readonly wording: DashboardWording) {}

  show(samples: readonly Sample[]): void {
    const map = heatMapOf(samples);
    element("heat-screen", HTMLElement).hidden = map === null;
    put(element("heat-lead", HTMLElement), map ? this.#lead(map) : this.wording.say("heat.none"));
    if (map) this.#draw(map);
  }

  #lead({ seconds, outside }: HeatMap): string {
    return this.wording.say("heat.lead", {
      seconds: this.wording.duration(seconds),
      outside: this.wording.percent(100 * outside),
    });
  }

  #draw({ heat, peak }: HeatMap): void {
    this.#canvas.width = COLUMNS;
    this.#canvas.height = ROWS;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    // from clear to one colour: the steps of a rainbow are not those of the numbers
    context.fillStyle = palette().focused;
    heat.forEach((value, index) => {
      if (value < LEAST_SEEN) return;
      context.globalAlpha = value ** CONTRAST;
      context.fillRect(index % COLUMNS, Math.floor(index / COLUMNS), 1, 1);
    });
    const where = `${this.#third(peak.y, ["top", "middle", "bottom"])} ${this.#third(peak.x, ["left", "center", "right"])}`;
    this.#canvas.setAttribute("aria-label", this.wording.say("heat.label", { where }));
  }

  #third(
    share: number,
    names: readonly ["top" | "left", "middle" | "center", "bottom" | "right"],
  ): string {
    const name = names[Math.min(2, Math.floor(3 * share))] ?? names[1];
    return this.wording.say(`heat.${name}`);
  }
}
