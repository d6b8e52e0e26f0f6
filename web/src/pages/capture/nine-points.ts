/** Nine dots to look at, one after the other: so the service learns where on the screen someone looks. */

import type { EyeSession } from "../../lib/index.js";
import { element } from "../shared/page.js";
import { type Place, POINTS, shareOfScreen } from "./screen-share.js";

const READ_MS = 2_500;
/** Eyes need about half a second to find the dot and come to rest. */
const FIND_MS = 900;
/** The service takes one second of looking. */
const LOOK_MS = 1_100;

export class NinePoints {
  readonly #dialog = element("points", HTMLDialogElement);
  readonly #help = element("points-help", HTMLElement);
  readonly #dot = element("points-dot", HTMLElement);
  readonly #keep = element("nine-keep", HTMLInputElement);
  #over = new AbortController();

  constructor(
    private readonly session: EyeSession,
    signal: AbortSignal,
  ) {
    const open = element("nine", HTMLButtonElement);
    open.addEventListener("click", () => void this.#run(), { signal });
    this.#dialog.addEventListener("close", () => this.#over.abort(), { signal });
    document.addEventListener("fullscreenchange", () => this.#leftFullscreen(), { signal });
    signal.addEventListener("abort", () => this.#dialog.close());
    session.on("statechange", ({ name }) => name !== "live" && this.#dialog.close(), { signal });
  }

  async #run(): Promise<void> {
    this.#over = new AbortController();
    this.#dot.hidden = true;
    this.#help.hidden = false;
    // where it is refused the dots are placed in the window, which is known as well
    await document.documentElement.requestFullscreen?.().catch(() => undefined);
    if (this.session.state.name !== "live") return; // it ended while the browser made room
    this.#dialog.showModal();
    await this.#pause(READ_MS);
    this.#help.hidden = true;
    for (const place of POINTS) await this.#show(place);
    this.#dialog.close();
    if (document.fullscreenElement) await document.exitFullscreen();
  }

  async #show(place: Place): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#dot.hidden = false;
    this.#dot.style.setProperty("--x", String(place.x));
    this.#dot.style.setProperty("--y", String(place.y));
    await this.#pause(FIND_MS);
    if (this.#over.signal.aborted) return;
    this.session.calibrate(shareOfScreen(place, window), { keep: this.#keep.checked });
    await this.#pause(LOOK_MS);
  }

  /** Escape leaves the full screen first: the student wants out. */
  #leftFullscreen(): void {
    if (!document.fullscreenElement) this.#dialog.close();
  }

  #pause(ms: number): Promise<void> {
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
}
