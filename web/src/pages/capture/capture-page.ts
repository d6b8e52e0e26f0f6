/** Moves between consent, session and summary, as the student and the session say. */

import { onNetworkChange } from "../../element/network.js";
import { pageVisibility } from "../../element/visibility.js";
import {
  createEyeSession,
  type EyeError,
  type EyeSession,
  type SessionState,
} from "../../lib/index.js";
import { CONSENT_VERSION } from "../../texts/consent.js";
import type { Wording } from "../../texts/wording.js";
import type { Address } from "../shared/address.js";
import { element, showOnly } from "../shared/page.js";
import { CameraPicker } from "./camera-picker.js";
import { LiveView } from "./live-view.js";
import { NinePoints } from "./nine-points.js";
import { Problem } from "./problem.js";
import { Recap } from "./recap.js";

declare global {
  interface Window {
    /** The running session, for tests and for pages around this one. */
    eyeSession?: EyeSession;
  }
}

export class CapturePage {
  readonly #intro = element("intro", HTMLElement);
  readonly #declined = element("declined", HTMLElement);
  readonly #session = element("session", HTMLElement);
  readonly #recapSection = element("recap", HTMLElement);
  readonly #again = element("again-row", HTMLElement);
  readonly #problem: Problem;
  readonly #recap: Recap;

  constructor(
    private readonly address: Address,
    private readonly wording: Wording,
    private readonly maxFps: number | undefined,
  ) {
    this.#problem = new Problem(wording, address.serviceUrl);
    this.#recap = new Recap(wording);
    this.#nameService();
    this.#onClick("start", () => this.#start());
    this.#onClick("again", () => this.#start());
    this.#onClick("decline", () => this.#decline());
    this.#onClick("reconsider", () => this.#show(this.#intro));
    window.addEventListener("pagehide", () => window.eyeSession?.leave());
    onNetworkChange(() => window.eyeSession?.networkChanged());
  }

  /** Whoever agrees should know where the video goes, if not to where the page came from. */
  #nameService(): void {
    const { host } = new URL(this.address.serviceUrl);
    const place = element("service-name", HTMLElement);
    place.hidden = host === location.host;
    place.textContent = this.wording.say("intro.service", { host });
  }

  #onClick(id: string, act: () => void): void {
    element(id, HTMLButtonElement).addEventListener("click", act);
  }

  #decline(): void {
    this.#problem.hide();
    this.#show(this.#declined, "declined-title");
  }

  #start(): void {
    this.#problem.hide();
    if (this.#identified()) this.#begin();
    else this.#problem.showMissingIds();
  }

  #begin(): void {
    this.#show(this.#session, "session-title");
    const session = createEyeSession({
      ...this.address,
      video: element("preview", HTMLVideoElement),
      visibility: pageVisibility,
      consent: CONSENT_VERSION,
      maxFps: this.maxFps,
    });
    window.eyeSession = session;
    this.#follow(session);
  }

  #identified(): boolean {
    const { token, userId, moduleId } = this.address;
    return token !== undefined || (userId !== undefined && moduleId !== undefined);
  }

  #follow(session: EyeSession): void {
    const over = new AbortController();
    const { signal } = over;
    new LiveView(session, this.wording, signal);
    new CameraPicker(session, signal);
    new NinePoints(session, signal);
    session.on("statechange", (state) => this.#react(state));
    session.on("error", (error) => this.#problem.show(error));
    element("stop", HTMLButtonElement).addEventListener("click", () => void session.stop(), {
      signal,
    });
    void session.finished.then(() => over.abort());
    session.on(
      "statechange",
      (state) => state.name === "ended" && this.#finish(session, state.error),
    );
  }

  #react({ name }: SessionState): void {
    element("status", HTMLElement).textContent = name;
    element("badge-text", HTMLElement).textContent = this.wording.say(`state.${name}`);
    element("badge", HTMLElement).dataset["state"] = name;
    // what reconnects is announced by the hint, which can be seen as well
    const said = name === "reconnecting" ? "" : this.wording.say(`status.${name}`);
    element("announcer", HTMLElement).textContent = said;
    if (name === "live") this.#problem.hide();
  }

  #finish({ summary, id }: EyeSession, error: EyeError | null): void {
    if (!summary && (error || id === null)) {
      this.#show(this.#intro);
      return;
    }
    this.#show(this.#recapSection, "recap-title");
    this.#again.hidden = false;
    if (summary) this.#recap.show(summary);
    else this.#recap.showMissing();
  }

  #show(section: HTMLElement, focus?: string): void {
    this.#again.hidden = true;
    showOnly(section, [this.#intro, this.#declined, this.#session, this.#recapSection]);
    if (focus) element(focus, HTMLElement).focus();
  }
}
