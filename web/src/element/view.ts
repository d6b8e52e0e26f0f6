/** The element's inside: what is there, and what it says in each state. */

import {
  type CheckReport,
  type EyeError,
  firstProblem,
  type MetricsMessage,
  type PauseCause,
  type StateName,
  type SummaryMessage,
} from "../lib/index.js";
import type { Wording } from "../texts/wording.js";
import { fillSent, leadOf } from "./account.js";
import { Hints } from "./hint.js";
import { Rail } from "./rail.js";
import { STYLE } from "./style.js";

/** While the camera may be in use. */
const RUNNING: ReadonlySet<StateName> = new Set(["connecting", "checking", "live", "reconnecting"]);

type Screen = "consent" | "session" | "end";

export interface ViewActions {
  readonly start: () => void;
  readonly begin: () => void;
  readonly decline: () => void;
  readonly togglePause: () => void;
  readonly stop: () => void;
  readonly useCamera: (deviceId: string) => void;
}

export class ElementView {
  readonly video = make("video", { part: "preview" });
  readonly #dot = make("span", { part: "dot", class: "dot", "aria-hidden": "true" });
  readonly #state = make("span", { part: "state", class: "say" });
  readonly #ending = make("p", { part: "ending" });
  readonly #sent = make("details", { part: "sent" });
  readonly #sentList = make("div", { part: "sent-list" });
  readonly #again: HTMLButtonElement;
  readonly #back: HTMLButtonElement;
  readonly #problem = make("p", { part: "problem", class: "alarm", role: "alert" });
  readonly #help = make("p", { part: "help", class: "soft" });
  readonly #hint = make("p", { part: "hint", class: "hint", role: "status" });
  readonly #deleted = make("p", { part: "deleted", class: "soft" });
  readonly #rail = new Rail();
  #hints = new Hints();
  readonly #cameras = make("select", { part: "cameras" });
  readonly #begin: HTMLButtonElement;
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #screens: Readonly<Record<Screen, HTMLElement>>;

  constructor(
    private readonly root: ShadowRoot,
    private readonly wording: Wording,
    actions: ViewActions,
    signal: AbortSignal,
  ) {
    this.#begin = this.#button("ready.begin", actions.begin);
    this.#begin.className = "main";
    this.#pause = this.#button("session.pause", actions.togglePause);
    this.#stop = this.#button("session.stop", actions.stop);
    this.#again = this.#button("recap.again", actions.start);
    this.#back = this.#button("declined.back", () => this.show("consent"));
    this.#screens = {
      consent: this.#consent(actions),
      session: this.#session(actions),
      end: this.#end(),
    };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const box = make("div", { part: "box", class: "box", lang: wording.language });
    box.append(this.#problem, this.#help, ...Object.values(this.#screens));
    root.replaceChildren(box, this.#rail.line);
    this.#rail.follow(root.host, signal);
    this.hideProblem();
    this.show("consent");
  }

  show(shown: Screen): void {
    const focused = this.root.activeElement !== null;
    for (const [name, screen] of Object.entries(this.#screens)) screen.hidden = name !== shown;
    // the button that was pressed is gone: whoever uses the keyboard goes on from here
    if (focused) this.#screens[shown].focus();
  }

  /** When what is kept is deleted, and the school's own policy where the page names one. */
  showKept(sentence: string, policyUrl: string | null): void {
    this.#deleted.textContent = sentence;
    if (policyUrl === null) return;
    const link = make("a", { part: "policy", href: policyUrl, target: "_blank", rel: "noopener" });
    link.textContent = this.wording.say("consent.policy");
    this.#deleted.append(" ", link);
  }

  showState(name: StateName, paused: PauseCause | null): void {
    this.#account("unknown");
    this.#hints = new Hints();
    this.#say(name === "reconnecting" ? "hint.reconnecting" : null);
    this.#screens.session.dataset["state"] = name;
    this.#rail.running = paused === null && RUNNING.has(name);
    this.#begin.hidden = name !== "checking";
    this.#state.textContent = this.wording.say(`status.${name}`);
    this.#pause.textContent = this.wording.say(paused ? "session.resume" : "session.pause");
    this.#pause.disabled = name === "camera" || name === "stopping";
    this.#stop.disabled = name === "stopping";
    this.video.hidden = paused !== null || name === "camera";
  }

  /** The cameras to choose from, where there is a choice. */
  showCameras(cameras: readonly MediaDeviceInfo[], current: string | undefined): void {
    this.#cameras.hidden = cameras.length < 2;
    this.#cameras.replaceChildren(
      ...cameras.map(
        ({ deviceId, label }) => new Option(label, deviceId, false, deviceId === current),
      ),
    );
  }

  /** What to change before it begins. */
  showCheck(report: CheckReport): void {
    const problem = firstProblem(report);
    this.#say(problem ? `ready.${problem}` : null);
  }

  showMetrics(message: MetricsMessage): void {
    const { is_focused, state, cause } = message;
    const hint = this.#hints.take(message, performance.now());
    this.#say(hint ? `hint.${hint}` : null);
    this.#account(is_focused === null ? "unknown" : is_focused ? "focused" : "unfocused");
    const text = cause
      ? this.wording.sayIfKnown(`cause.${cause}`, cause)
      : this.wording.sayIfKnown(`account.${state}`, state);
    if (this.#state.textContent !== text) this.#state.textContent = text;
  }

  showEnd(summary: SummaryMessage | null): void {
    this.#ending.textContent = this.#said(summary);
    this.#sent.hidden = summary === null;
    if (summary) fillSent(this.#sentList, summary, this.wording);
    this.#ended({ declined: false });
    this.#rail.running = false;
    this.show("end");
  }

  showProblem({ reason }: EyeError): void {
    this.#problem.textContent = this.wording.say(`error.${reason}`);
    this.#help.textContent = this.wording.say(`error.${reason}.help`);
    this.#problem.hidden = this.#help.hidden = false;
  }

  hideProblem(): void {
    this.#problem.hidden = this.#help.hidden = true;
  }

  showDeclined(): void {
    this.#ending.textContent = this.wording.say("declined.lesson");
    this.#sent.hidden = true;
    this.#ended({ declined: true });
    this.show("end");
  }

  /** No leads back to the question, never to the camera. */
  #ended({ declined }: { readonly declined: boolean }): void {
    this.#again.hidden = declined;
    this.#back.hidden = !declined;
  }

  #account(account: string): void {
    this.#dot.dataset["account"] = account;
    this.#rail.account = account;
  }

  #say(key: string | null): void {
    const text = key === null ? "" : this.wording.sayIfKnown(key, "");
    if (this.#hint.textContent !== text) this.#hint.textContent = text;
  }

  #said(summary: SummaryMessage | null): string {
    if (!summary) return this.wording.say("recap.none");
    const why = this.wording.sayIfKnown(`end.${summary.end_reason}`, "");
    return [why, leadOf(summary, this.wording)].filter(Boolean).join(" ");
  }

  #consent({ start, decline }: ViewActions): HTMLElement {
    const screen = make("div", { part: "consent", class: "stack", tabindex: "-1" });
    const row = make("div", { class: "row" });
    const agree = this.#button("intro.start", start);
    agree.className = "main";
    const without = this.#button("intro.decline", decline);
    without.className = "even";
    row.append(agree, without);
    screen.append(
      this.#text("p", "intro.title", "title"),
      this.#text("p", "intro.promise", ""),
      this.#text("p", "consent.measured", "soft"),
      this.#text("p", "consent.kept", "soft"),
      this.#text("p", "consent.seconds", "soft"),
      this.#deleted,
      this.#text("p", "intro.choice.text", "soft"),
      row,
    );
    return screen;
  }

  #session({ useCamera }: ViewActions): HTMLElement {
    this.#cameras.hidden = true;
    this.#cameras.setAttribute("aria-label", this.wording.say("session.camera"));
    this.#cameras.addEventListener("change", () => useCamera(this.#cameras.value));
    const screen = make("div", { part: "session", class: "row", tabindex: "-1" });
    const said = make("span", { class: "row grow" });
    said.append(this.#dot, this.#state);
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.autoplay = true;
    screen.append(
      this.video,
      said,
      this.#cameras,
      this.#begin,
      this.#pause,
      this.#stop,
      this.#hint,
    );
    return screen;
  }

  #end(): HTMLElement {
    const screen = make("div", { part: "end", class: "stack", tabindex: "-1" });
    const row = make("div", { class: "row" });
    this.#ending.className = "grow";
    this.#ending.setAttribute("role", "status");
    row.append(this.#ending, this.#again, this.#back);
    this.#sent.append(this.#text("summary", "recap.sent", ""), this.#sentList);
    screen.append(row, this.#sent);
    return screen;
  }

  #text(tag: "p" | "summary", key: Parameters<Wording["say"]>[0], className: string): HTMLElement {
    const text = make(tag, { class: className });
    text.textContent = this.wording.say(key);
    return text;
  }

  #button(key: Parameters<Wording["say"]>[0], act: () => void): HTMLButtonElement {
    const button = make("button", { type: "button", part: `button ${key.replaceAll(".", "-")}` });
    button.textContent = this.wording.say(key);
    button.addEventListener("click", act);
    return button;
  }
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
