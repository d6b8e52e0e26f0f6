/** What a running session looks like. */

import { Hints } from "../../element/hint.js";
import type {
  EyeSession,
  MetricsMessage,
  NoticeMessage,
  PauseCause,
  SessionState,
  StateName,
} from "../../lib/index.js";
import type { TextKey } from "../../texts/en.js";
import type { Wording } from "../../texts/wording.js";
import { element } from "../shared/page.js";
import { accountOf, FocusHistory } from "./focus-history.js";
import { Readout, stateText } from "./readout.js";
import { Strip } from "./strip.js";

const REDRAW_MS = 1_000;

export class LiveView {
  readonly #history = new FocusHistory();
  readonly #hints = new Hints();
  readonly #readout: Readout;
  readonly #strip: Strip;
  #newest = -1;
  #cameraMuted = false;

  constructor(
    private readonly session: EyeSession,
    private readonly wording: Wording,
    signal: AbortSignal,
  ) {
    this.#readout = new Readout(wording);
    this.#strip = new Strip(element("strip", HTMLElement), wording);
    session.on("metrics", (message) => this.#take(message), { signal });
    session.on("statechange", (state) => this.#react(state), { signal });
    session.on("notice", (notice) => this.#note(notice), { signal });
    element("pause", HTMLButtonElement).addEventListener("click", () => void this.#toggle(), {
      signal,
    });
    const timer = setInterval(() => this.#redraw(), REDRAW_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.#redraw();
    this.#react(session.state);
  }

  #take(message: MetricsMessage): void {
    const now = performance.now();
    const judged = this.session.state.name !== "checking";
    if (judged) this.#history.add(now, message.is_focused, message.attention_score);
    if (message.seq <= this.#newest) return; // overtaken on the way
    this.#newest = message.seq;
    this.#readout.show(message);
    if (!judged) return; // the check says what it sees
    this.#pill(accountOf(message.is_focused), stateText(message, this.wording));
    this.#hint(this.#hints.take(message, now));
  }

  #redraw(): void {
    this.#strip.draw(this.#history.minute(performance.now()));
    this.#showWay();
  }

  #showWay(): void {
    const { state, roundTripMs } = this.session;
    if (state.name !== "live") return;
    const way = this.wording.say(`way.${state.rung}`);
    const text =
      roundTripMs === null
        ? way
        : this.wording.say("way.rtt", { way, ms: Math.round(roundTripMs) });
    this.#readout.showWay(text);
  }

  #react(state: SessionState): void {
    this.#showControls(state);
    this.#showStill(state);
    if (state.name === "live") {
      this.#newest = -1;
      this.#cameraMuted = false;
    }
    this.#hint(state.name === "reconnecting" ? "reconnecting" : null);
  }

  #showControls({ name }: SessionState): void {
    const { paused } = this.session;
    const toggle = element("pause", HTMLButtonElement);
    toggle.textContent = this.wording.say(paused ? "session.resume" : "session.pause");
    toggle.disabled = name === "stopping" || name === "camera";
    element("stop", HTMLButtonElement).disabled = name === "stopping";
    for (const id of ["calibrate", "nine"]) {
      element(id, HTMLButtonElement).disabled = name !== "live" && name !== "checking";
    }
  }

  /** What stands there while no figures come. */
  #showStill({ name }: SessionState): void {
    const { paused } = this.session;
    this.#veil(veilOf(name, paused));
    if (name === "live") return;
    this.#pill("unknown", this.wording.say(`status.${name}`));
    // the hint says it already
    if (name === "reconnecting") element("pill", HTMLElement).hidden = true;
    if (paused || name === "reconnecting") this.#readout.clearMoment();
  }

  async #toggle(): Promise<void> {
    if (this.session.paused) await this.session.resume();
    else await this.session.pause();
    // without a connection a pause changes no state
    this.#react(this.session.state);
  }

  #note({ code }: NoticeMessage): void {
    if (code === "camera_muted") this.#cameraMuted = true;
    if (code === "camera_unmuted") this.#cameraMuted = false;
    this.#hint(null);
  }

  #hint(code: string | null): void {
    const shown = this.#cameraMuted ? "camera_muted" : code;
    const text = shown === null ? "" : this.wording.sayIfKnown(`hint.${shown}`, "");
    const place = element("hint", HTMLElement);
    if (place.textContent !== text) place.textContent = text;
  }

  #pill(account: string, text: string): void {
    element("pill", HTMLElement).dataset["account"] = account;
    const place = element("pill-text", HTMLElement);
    if (place.textContent !== text) place.textContent = text;
  }

  #veil(key: TextKey | null): void {
    const veil = element("veil", HTMLElement);
    veil.hidden = key === null;
    element("pill", HTMLElement).hidden = key !== null;
    veil.textContent = key === null ? "" : this.wording.say(key);
  }
}

function veilOf(name: StateName, paused: PauseCause | null): TextKey | null {
  if (name === "camera") return "session.veil.camera";
  if (paused === null) return null;
  return paused === "camera_lost" ? "session.veil.lost" : "session.veil.paused";
}
