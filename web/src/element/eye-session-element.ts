/** `<eye-session>`: consent, indicator and summary for a page that only wants to place a tag. */

import { createEyeSession, type EyeSession, listCameras, type TokenSource } from "../lib/index.js";
import { CONSENT_VERSION } from "../texts/consent.js";
import { Wording } from "../texts/wording.js";
import { CheckWatch } from "./check-watch.js";
import { keptSentence } from "./kept.js";
import { onNetworkChange } from "./network.js";
import type { PageGlobals } from "./page-globals.js";
import { fetchToken } from "./site-token.js";
import { ElementView } from "./view.js";
import { pageVisibility } from "./visibility.js";

const EVENTS = ["statechange", "metrics", "notice", "summary", "error"] as const;

/**
 * Attributes: `service-url` (default: where the page came from), `module-id`, `section-id`,
 * `user-id` (open services only), `token`, `token-url` (asked for a fresh token, as plain text or
 * `{"token": …}`), `policy-url` (how the school handles data), `lang`. Events: those of the session as `eye-metrics`, `eye-summary`, … and
 * `eye-decline`. Ids that are not given come from `window.currentUserId` and its like.
 */
export class EyeSessionElement extends HTMLElement {
  /** A token, or a function that fetches one; wins over the attributes. */
  token: TokenSource | undefined;
  #session: EyeSession | null = null;
  #view: ElementView | null = null;
  #present = new AbortController();

  /** The session that runs or has ended; null before the student agreed. */
  get session(): EyeSession | null {
    return this.#session;
  }

  connectedCallback(): void {
    this.#present = new AbortController();
    const { signal } = this.#present;
    window.addEventListener("pagehide", () => this.#session?.leave(), { signal });
    onNetworkChange(() => this.#session?.networkChanged(), signal);
    const cameras = () => void this.#showCameras();
    navigator.mediaDevices?.addEventListener("devicechange", cameras, { signal });
    const wording = Wording.of([this.#language(), ...navigator.languages]);
    const view = new ElementView(
      this.shadowRoot ?? this.attachShadow({ mode: "open" }),
      wording,
      {
        start: () => this.start(),
        begin: () => this.#session?.begin(),
        decline: () => this.#decline(),
        togglePause: () => void this.#togglePause(),
        stop: () => void this.#session?.stop(),
        useCamera: (deviceId) => void this.#session?.useCamera(deviceId),
      },
      signal,
    );
    this.#view = view;
    void keptSentence(this.#serviceUrl(), wording).then((sentence) =>
      view.showKept(sentence, this.#policyUrl()),
    );
  }

  disconnectedCallback(): void {
    this.#present.abort();
    void this.#session?.stop();
  }

  /** Starts a session, as the button does: the student has agreed. */
  start(): void {
    const view = this.#view;
    if (!view || (this.#session && this.#session.state.name !== "ended")) return;
    const session = createEyeSession({
      serviceUrl: this.#serviceUrl(),
      token: this.#tokenSource(),
      ...this.#ids(),
      video: view.video,
      visibility: pageVisibility,
      consent: CONSENT_VERSION,
      cameraCheck: true,
    });
    this.#session = session;
    this.#follow(session, view);
  }

  #follow(session: EyeSession, view: ElementView): void {
    view.hideProblem();
    view.show("session");
    view.showState(session.state.name, null);
    for (const type of EVENTS) session.on(type, (detail) => this.#tell(`eye-${type}`, detail));
    new CheckWatch(session, view.video, (report) => view.showCheck(report));
    session.on("metrics", (message) => {
      if (session.state.name !== "checking") view.showMetrics(message);
    });
    session.on("error", (error) => view.showProblem(error));
    session.on("statechange", ({ name }) => {
      view.showState(name, session.paused);
      if (name === "live") view.hideProblem();
      // they have names as soon as one was allowed
      if (name === "connecting") void this.#showCameras();
    });
    void session.finished.then((summary) => {
      if (summary || session.id !== null) view.showEnd(summary);
      else view.show("consent");
    });
  }

  #serviceUrl(): string {
    return this.getAttribute("service-url") || location.origin;
  }

  /** The page's `policy-url`, where it is one that a browser may open from here. */
  #policyUrl(): string | null {
    const given = this.getAttribute("policy-url");
    if (given === null || !URL.canParse(given, location.href)) return null;
    const url = new URL(given, location.href);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  }

  async #showCameras(): Promise<void> {
    const [track] = this.#session?.stream?.getVideoTracks() ?? [];
    const cameras = await listCameras(navigator.mediaDevices);
    this.#view?.showCameras(cameras, track?.getSettings().deviceId);
  }

  /** The page's own, where it says one: consent is read in the language of the lesson. */
  #language(): string {
    return this.closest<HTMLElement>("[lang]")?.lang ?? "";
  }

  #decline(): void {
    this.#view?.showDeclined();
    this.#tell("eye-decline", null);
  }

  async #togglePause(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    if (session.paused) await session.resume();
    else await session.pause();
    this.#view?.showState(session.state.name, session.paused);
  }

  #ids() {
    const globals = window as PageGlobals;
    const id = (name: string, global: string | number | null | undefined) =>
      this.getAttribute(name) || (global ?? undefined);
    return {
      userId: id("user-id", globals.currentUserId),
      moduleId: id("module-id", globals.currentModuleId),
      sectionId: id("section-id", globals.currentSectionId),
    };
  }

  #tokenSource(): TokenSource | undefined {
    const url = this.getAttribute("token-url");
    return this.token ?? (url ? () => fetchToken(url) : (this.getAttribute("token") ?? undefined));
  }

  #tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
