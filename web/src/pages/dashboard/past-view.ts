/** The sessions that are stored, newest first. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element } from "../shared/page.js";
import { CompareView } from "./compare-view.js";
import { make } from "./dom.js";
import { linkTo } from "./route.js";
import type { Service } from "./service.js";
import type { SessionOverview } from "./stored.js";

const PAGE = 50;

export class PastView {
  readonly #rows = element("past-rows", HTMLElement);
  readonly #more = element("past-more", HTMLButtonElement);
  readonly #search = element("past-search", HTMLFormElement);
  readonly #compare: CompareView;
  #before: number | null = null;
  #signal = new AbortController().signal;

  constructor(
    private readonly wording: DashboardWording,
    private readonly service: () => Service,
    private readonly refused: (cause: unknown) => void,
  ) {
    this.#compare = new CompareView("past-compare", wording);
    this.#more.addEventListener("click", () => void this.#load());
    this.#search.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.open(this.#signal);
    });
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#before = null;
    this.#rows.replaceChildren();
    await Promise.all([this.#load(), this.#compareModule()]);
  }

  /** Where a module is asked for, its students as a whole. */
  async #compareModule(): Promise<void> {
    const module = field("past-module");
    element("past-module-card", HTMLElement).hidden = module === "";
    this.#compare.clear();
    if (module === "") return;
    try {
      this.#compare.show(await this.service().comparison(module, this.#signal), null);
    } catch (cause) {
      if (!this.#signal.aborted) this.refused(cause);
    }
  }

  async #load(): Promise<void> {
    const [user, module] = [field("past-user"), field("past-module")];
    const query = {
      limit: String(PAGE),
      ...(user === "" ? {} : { user_id: user }),
      ...(module === "" ? {} : { module_id: module }),
      ...(this.#before === null ? {} : { before: String(this.#before) }),
    };
    try {
      const page = await this.service().sessions(query, this.#signal);
      this.#before = page.next_before;
      this.#rows.append(...page.sessions.map((session) => this.#row(session)));
      this.#more.hidden = this.#before === null;
      element("past-empty", HTMLElement).hidden = this.#rows.childElementCount > 0;
      element("past-table", HTMLElement).hidden = this.#rows.childElementCount === 0;
    } catch (cause) {
      if (!this.#signal.aborted) this.refused(cause);
    }
  }

  #row(session: SessionOverview): HTMLElement {
    const { wording } = this;
    const { user_id, module_id, section_id, summary, end_reason } = session;
    const when = new Date(1000 * session.started_at).toLocaleString(wording.language, {
      dateStyle: "short",
      timeStyle: "short",
    });
    const link = make("a", "", wording.say("card.student", { id: user_id }));
    link.href = linkTo(session.session_id);
    link.setAttribute("aria-label", wording.say("past.open", { id: user_id, when }));
    const name = make("th", "", link);
    name.scope = "row";
    const judged = summary !== null && summary.total_time > 0;
    const cells = [
      section_id === null ? module_id : `${module_id} / ${section_id}`,
      when,
      summary === null ? "–" : wording.duration(summary.elapsed),
      judged ? wording.percent(summary.focus_percentage) : "–",
      end_reason === null
        ? wording.say("past.running")
        : wording.sayIfKnown(`ended.${end_reason}`, end_reason),
    ];
    return make("tr", "", name, ...cells.map((text) => make("td", "", text)));
  }
}

function field(id: string): string {
  return element(id, HTMLInputElement).value.trim();
}
