/** One session: its account, timeline, replay, heat map, and how it compares. */

import { type EyeErrorReason, eyeError } from "../../lib/errors.js";
import { pause } from "../../lib/waiting.js";
import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { divide } from "../capture/bar.js";
import { element } from "../shared/page.js";
import { Charts } from "./charts.js";
import { CompareView } from "./compare-view.js";
import { put } from "./dom.js";
import { saveAs } from "./download.js";
import { HeatView } from "./heat-view.js";
import { MinuteTable } from "./minute-table.js";
import { Replay } from "./replay.js";
import type { Service } from "./service.js";
import type { SessionExport, Summary } from "./stored.js";
import { Timeline } from "./timeline.js";

/** Samples are stored every ten seconds. */
const FOLLOW_MS = 10_000;

const NOT_SIGNED_IN: ReadonlySet<EyeErrorReason> = new Set(["token_expired", "token_refused"]);

export class SessionView {
  readonly #charts: Charts;
  readonly #replay: Replay;
  readonly #heat: HeatView;
  readonly #table: MinuteTable;
  readonly #compare: CompareView;
  #session: SessionExport | null = null;

  constructor(
    private readonly wording: DashboardWording,
    private readonly service: () => Service,
    private readonly refused: (cause: unknown) => void,
  ) {
    this.#charts = new Charts(wording, (second) => this.#replay.seek(second));
    this.#replay = new Replay(wording, (second) => this.#charts.moveTo(second));
    this.#heat = new HeatView(wording);
    this.#table = new MinuteTable(wording);
    this.#compare = new CompareView("compare", wording);
    for (const kind of ["csv", "json"] as const) {
      const button = element(`export-${kind}`, HTMLButtonElement);
      button.addEventListener("click", () => void this.#export(kind));
    }
  }

  /** Shows the session and follows it while it runs; until `signal` aborts. */
  async open(id: string, signal: AbortSignal): Promise<void> {
    this.#clear();
    signal.addEventListener("abort", () => this.#replay.stop(), { once: true });
    try {
      let session = await this.service().session(id, signal);
      this.#show(session, { anew: true });
      await this.#compareWith(session, signal);
      while (session.state !== "ended") {
        await pause(FOLLOW_MS, signal);
        if (signal.aborted) return;
        session = await this.service().session(id, signal);
        this.#show(session, { anew: false });
      }
    } catch (cause) {
      if (!signal.aborted) this.#fail(cause);
    }
  }

  #clear(): void {
    this.#session = null;
    this.#charts.clear();
    this.#compare.clear();
    element("session-body", HTMLElement).hidden = true;
    put(element("session-message", HTMLElement), "");
    put(element("session-title", HTMLElement), "…");
    put(element("session-lesson", HTMLElement), "");
  }

  #fail(cause: unknown): void {
    if (eyeError(cause).reason === "session_gone") {
      put(element("session-message", HTMLElement), this.wording.say("session.gone"));
    } else this.refused(cause);
  }

  #show(session: SessionExport, { anew }: { readonly anew: boolean }): void {
    this.#session = session;
    const timeline = Timeline.of(session.samples);
    this.#head(session, timeline);
    const isEmpty = timeline.length === 0;
    const isRunning = session.state !== "ended";
    element("session-body", HTMLElement).hidden = isEmpty;
    const message = isRunning ? "session.running" : isEmpty ? "session.none" : null;
    put(element("session-message", HTMLElement), message ? this.wording.say(message) : "");
    if (isEmpty) return;
    this.#figures(session.summary, timeline);
    this.#charts.show(timeline);
    this.#replay.show(timeline, { anew });
    this.#heat.show(session.samples);
    this.#table.show(timeline);
  }

  #head(session: SessionExport, timeline: Timeline): void {
    const { wording } = this;
    const { user_id, module_id, section_id, started_at, summary } = session;
    put(element("session-title", HTMLElement), wording.say("session.heading", { id: user_id }));
    const lesson =
      section_id === null
        ? wording.say("session.lesson.module", { module: module_id })
        : wording.say("session.lesson", { module: module_id, section: section_id });
    const when = wording.say("session.when", {
      from: moment(started_at, wording.language),
      duration: wording.duration(summary?.elapsed ?? timeline.length),
    });
    put(element("session-lesson", HTMLElement), `${lesson} · ${when}`);
  }

  #figures(summary: Summary | null, timeline: Timeline): void {
    const { wording } = this;
    const now = summary ?? soFar(timeline);
    const { focused_time, unfocused_time, unknown_time, total_time } = now;
    const known = total_time > 0;
    put(figure("percentage"), known ? wording.percent((100 * focused_time) / total_time) : "–");
    divide(element("session-bar", HTMLElement), focused_time, unfocused_time, unknown_time);
    put(figure("focused"), wording.duration(focused_time));
    put(figure("unfocused"), wording.duration(unfocused_time));
    put(figure("unknown"), wording.duration(unknown_time));
    put(figure("blinks"), wording.number(now.blink_count));
    const rate = known ? (60 * now.blink_count) / total_time : null;
    put(
      figure("rate"),
      rate === null ? "" : wording.say("fig.rate", { rate: wording.number(rate) }),
    );
    put(
      figure("score"),
      summary?.attention_score == null ? "–" : wording.percent(100 * summary.attention_score),
    );
    put(figure("perclos"), summary?.perclos == null ? "–" : wording.percent(100 * summary.perclos));
  }

  /** The comparison is a help: without it the session is still there. */
  async #compareWith(session: SessionExport, signal: AbortSignal): Promise<void> {
    try {
      this.#compare.show(await this.service().comparison(session.module_id, signal), session);
    } catch (cause) {
      if (NOT_SIGNED_IN.has(eyeError(cause).reason)) throw cause;
    }
  }

  async #export(kind: "csv" | "json"): Promise<void> {
    const id = this.#session?.session_id;
    if (id === undefined) return;
    try {
      const file = await this.service().file(id, kind, new AbortController().signal);
      saveAs(file, `session-${id}.${kind}`);
    } catch (cause) {
      this.refused(cause);
    }
  }
}

function figure(name: string): HTMLElement {
  return element(`s-${name}`, HTMLElement);
}

function moment(seconds: number, language: string): string {
  const format = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Date(1000 * seconds).toLocaleString(language, format);
}

/** A running session's account, as far as its stored seconds tell. */
function soFar(timeline: Timeline) {
  const seconds = { focused: 0, unfocused: 0, unknown: 0 };
  for (const account of timeline.accounts()) seconds[account] += 1;
  return {
    focused_time: seconds.focused,
    unfocused_time: seconds.unfocused,
    unknown_time: seconds.unknown,
    total_time: seconds.focused + seconds.unfocused,
    blink_count: timeline.samples.at(-1)?.blinks ?? 0,
  };
}
