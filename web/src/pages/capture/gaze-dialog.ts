/** The whole screen for something to look at: a dot, wherever it is put, and a sentence before it. */

import type { EyeSession } from "../../lib/index.js";
import { element } from "../shared/page.js";
import type { Place } from "./screen-share.js";

/** While a calibration may be going on. */
const MEASURING: ReadonlySet<string> = new Set(["checking", "live"]);

export class GazeDialog {
  readonly #dialog = element("points", HTMLDialogElement);
  readonly #help = element("points-help", HTMLElement);
  readonly #dot = element("points-dot", HTMLElement);
  readonly #count = element("points-count", HTMLElement);
  #over = new AbortController();

  /** `busy` is told when it opens and closes. */
  constructor(
    private readonly session: EyeSession,
    private readonly busy: (busy: boolean) => void,
    signal: AbortSignal,
  ) {
    this.#dialog.addEventListener("close", () => this.#over.abort(), { signal });
    document.addEventListener("fullscreenchange", () => this.#leftFullscreen(), { signal });
    signal.addEventListener("abort", () => this.#dialog.close());
    session.on("statechange", ({ name }) => !MEASURING.has(name) && this.#dialog.close(), {
      signal,
    });
  }

  /** Whether the student wants out, or nothing is measured any more. */
  get over(): boolean {
    return this.#over.signal.aborted;
  }

  /** Fills the screen with `help`, then with what `run` shows. */
  async show(help: string, readMs: number, run: () => Promise<void>): Promise<void> {
    this.#over = new AbortController();
    this.#dot.hidden = this.#count.hidden = true;
    this.#help.textContent = help;
    this.#help.hidden = false;
    this.busy(true);
    // where it is refused the dots are placed in the window, which is known as well
    await document.documentElement.requestFullscreen?.().catch(() => undefined);
    // it may have ended while the browser made room
    if (MEASURING.has(this.session.state.name)) {
      this.#dialog.showModal();
      await this.pause(readMs);
      this.#help.hidden = true;
      await run();
      this.#dialog.close();
    }
    if (document.fullscreenElement) await document.exitFullscreen();
    this.busy(false);
  }

  put(place: Place): void {
    this.#dot.hidden = false;
    this.#dot.style.setProperty("--x", String(place.x));
    this.#dot.style.setProperty("--y", String(place.y));
  }

  /** A number below the dot. */
  count(seconds: number): void {
    this.#count.hidden = false;
    this.#count.textContent = String(seconds);
  }

  pause(ms: number): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Escape leaves the full screen first: the student wants out. */
  #leftFullscreen(): void {
    if (!document.fullscreenElement) this.#dialog.close();
  }
}
