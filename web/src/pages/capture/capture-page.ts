/** Moves between consent, session and summary, as the student and the session say. */

import { keptSentence } from "../../element/kept.js";
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
import { GazeDialog } from "./gaze-dialog.js";
import { LiveView } from "./live-view.js";
import { showNeutralPose } from "./neutral-pose.js";
import { showNinePoints } from "./nine-points.js";
import { Problem } from "./problem.js";
import { ReadyCard } from "./ready-card.js";
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
  #left = false;

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
    const kept = element("intro-deleted", HTMLElement);
    void keptSentence(this.address.serviceUrl, this.wording).then((sentence) => {
      kept.textContent = sentence;
    });
  }

  #onClick(id: string, act: () => void, signal?: AbortSignal): void {
    element(id, HTMLButtonElement).addEventListener("click", act, signal ? { signal } : {});
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
    this.#left = false;
    this.#show(this.#session, "session-title");
    const session = createEyeSession({
      ...this.address,
      video: element("preview", HTMLVideoElement),
      visibility: pageVisibility,
      consent: CONSENT_VERSION,
      cameraCheck: true,
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
    const ready = new ReadyCard(session, this.wording, signal);
    this.#offerCalibration(session, ready, signal);
    session.on("statechange", (state) => this.#react(state));
    session.on("error", (error) => this.#problem.show(error));
    this.#onClick("stop", () => void session.stop(), signal);
    this.#onClick("without", () => void this.#leave(session), signal);
    void session.finished.then(() => over.abort());
    session.on(
      "statechange",
      (state) => state.name === "ended" && this.#finish(session, state.error),
    );
  }

  #offerCalibration(session: EyeSession, ready: ReadyCard, signal: AbortSignal): void {
    const busy = (is: boolean) => {
      ready.watch.held = is;
    };
    const dialog = new GazeDialog(session, busy, signal);
    const help = (key: "pose.help" | "points.help") => this.wording.say(key);
    this.#onClick(
      "calibrate",
      () => void showNeutralPose(session, dialog, help("pose.help")),
      signal,
    );
    this.#onClick("nine", () => void showNinePoints(session, dialog, help("points.help")), signal);
  }

  /** The student saw the picture and would rather not. */
  async #leave(session: EyeSession): Promise<void> {
    this.#left = true;
    await session.stop();
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
    if (this.#left) {
      this.#decline();
      return;
    }
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
