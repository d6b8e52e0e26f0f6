/** The students of a module, where there are enough of them, and a session beside them. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element } from "../shared/page.js";
import { make, put } from "./dom.js";
import {
  type Comparison,
  type Group,
  MEASURES,
  type Measure,
  type SessionOverview,
  type Summary,
} from "./stored.js";

export class CompareView {
  readonly #host: HTMLElement;

  constructor(
    id: string,
    private readonly wording: DashboardWording,
  ) {
    this.#host = element(id, HTMLElement);
  }

  clear(): void {
    this.#host.replaceChildren();
  }

  /** With a session only what it belongs to, and the session in it; else all sections. */
  show(comparison: Comparison, session: SessionOverview | null): void {
    const isWanted = ({ section_id }: Group) =>
      session === null || section_id === null || section_id === session.section_id;
    const summary = session?.summary ?? null;
    this.#host.replaceChildren(
      ...comparison.groups.filter(isWanted).map((group) => this.#group(group, comparison, summary)),
    );
  }

  #group(group: Group, comparison: Comparison, summary: Summary | null): HTMLElement {
    const kind = group.section_id === null ? "module" : "section";
    const id = group.section_id ?? comparison.module_id;
    if (group.suppressed) {
      const least = comparison.least_students;
      return make("p", "fine", this.wording.say(`compare.small.${kind}`, { id, least }));
    }
    const number = group.students ?? 0;
    const title = make("h3", "", this.wording.say(`compare.${kind}`, { id, number }));
    const rows = MEASURES.map((measure) => this.#row(measure, group, summary));
    return make("div", "compare-group", title, make("ul", "compare-rows", ...rows));
  }

  #row(measure: Measure, group: Group, summary: Summary | null): HTMLElement {
    const quartiles = group[measure];
    const own = summary === null ? null : ownValue(measure, summary);
    const name = this.wording.say(`compare.${measure}`);
    const row = make("li", "compare-row", make("span", "compare-name", name));
    if (quartiles === null) return row;
    const { low, median, high } = quartiles;
    const say = (value: number) => this.#value(measure, value);
    const words = { name, low: say(low), median: say(median), high: say(high) };
    const scale = make("span", "scale");
    scale.setAttribute("role", "img");
    scale.setAttribute(
      "aria-label",
      own === null
        ? this.wording.say("compare.label.none", words)
        : this.wording.say("compare.label", { ...words, own: say(own) }),
    );
    const most = measure === "blink_rate" ? Math.max(30, high, own ?? 0) : 100;
    scale.append(mark("scale-band", low / most, high / most), mark("scale-median", median / most));
    if (own !== null) scale.append(mark("scale-own", Math.min(1, own / most)));
    const figure = make("span", "compare-value");
    put(figure, say(own ?? median));
    row.append(scale, figure);
    return row;
  }

  #value(measure: Measure, value: number): string {
    return measure === "blink_rate" ? this.wording.number(value) : this.wording.percent(value);
  }
}

/** The same measures of one session; null where nothing was judged. */
function ownValue(measure: Measure, summary: Summary): number | null {
  const { total_time, unknown_time, elapsed, blink_count } = summary;
  if (measure === "unknown_percentage") return elapsed > 0 ? (100 * unknown_time) / elapsed : null;
  if (total_time <= 0) return null;
  return measure === "blink_rate" ? (60 * blink_count) / total_time : summary.focus_percentage;
}

function mark(className: string, from: number, to = from): HTMLElement {
  const made = make("i", className);
  made.style.setProperty("--from", from.toFixed(4));
  made.style.setProperty("--to", to.toFixed(4));
  return made;
}
