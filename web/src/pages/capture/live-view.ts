/** What a running session looks like. */

import type {
  EyeError,
  EyeSession,
  MetricsMessage,
  NoticeMessage,
  SessionState,
} from "../../lib/index.js";
import { element } from "../shared/page.js";
import type { Wording } from "../shared/wording.js";
import type { TextKey } from "../texts/en.js";
import { accountOf, FocusHistory } from "./focus-history.js";
import { Hints } from "./hint.js";
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
    session.on("error", (error) => this.#lose(error), { signal });
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
    this.#history.add(now, message.is_focused, message.attention_score);
    if (message.seq <= this.#newest) return; // overtaken on the way
    this.#newest = message.seq;
    this.#readout.show(message);
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
    const paused = state.name === "paused";
    const toggle = element("pause", HTMLButtonElement);
    toggle.textContent = this.wording.say(paused ? "session.resume" : "session.pause");
    toggle.disabled = state.name !== "live" && !paused;
    element("stop", HTMLButtonElement).disabled = state.name === "stopping";
    this.#veil(veilOf(state));
    if (state.name === "reconnecting") this.#hint("reconnecting");
    if (state.name !== "live") this.#pill("unknown", this.wording.say(`status.${state.name}`));
    if (state.name === "live") this.#newest = -1;
  }

  async #toggle(): Promise<void> {
    if (this.session.paused) await this.session.resume();
    else await this.session.pause();
  }

  #note({ code }: NoticeMessage): void {
    if (code === "camera_muted") this.#cameraMuted = true;
    if (code === "camera_unmuted") this.#cameraMuted = false;
    this.#hint(null);
  }

  #lose({ reason }: EyeError): void {
    if (this.session.paused) this.#hint(reason === "camera_lost" ? null : "no_frames");
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
    veil.textContent = key === null ? "" : this.wording.say(key);
  }
}

function veilOf(state: SessionState): TextKey | null {
  if (state.name === "camera") return "session.veil.camera";
  if (state.name !== "paused") return null;
  return state.cause === "camera_lost" ? "session.veil.lost" : "session.veil.paused";
}
