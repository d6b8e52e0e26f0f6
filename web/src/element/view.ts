/** The element's inside: what is there, and what it says in each state. */

import type {
  EyeError,
  MetricsMessage,
  PauseCause,
  StateName,
  SummaryMessage,
} from "../lib/index.js";
import type { Wording } from "../texts/wording.js";
import { STYLE } from "./style.js";

type Screen = "consent" | "session" | "end";

export interface ViewActions {
  readonly start: () => void;
  readonly decline: () => void;
  readonly togglePause: () => void;
  readonly stop: () => void;
}

export class ElementView {
  readonly video = make("video", { part: "preview" });
  readonly #dot = make("span", { part: "dot", class: "dot", "aria-hidden": "true" });
  readonly #state = make("span", { part: "state", class: "say" });
  readonly #ending = make("p", { part: "ending" });
  readonly #sent = make("details", { part: "sent" });
  readonly #record = make("pre", { part: "record", tabindex: "0" });
  readonly #problem = make("p", { part: "problem", class: "alarm", role: "alert" });
  readonly #help = make("p", { part: "help", class: "soft" });
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #screens: Readonly<Record<Screen, HTMLElement>>;

  constructor(
    root: ShadowRoot,
    private readonly wording: Wording,
    actions: ViewActions,
  ) {
    this.#pause = this.#button("session.pause", actions.togglePause);
    this.#stop = this.#button("session.stop", actions.stop);
    this.#screens = {
      consent: this.#consent(actions),
      session: this.#session(),
      end: this.#end(actions),
    };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const box = make("div", { part: "box", class: "box", lang: wording.language });
    box.append(this.#problem, this.#help, ...Object.values(this.#screens));
    root.replaceChildren(box);
    this.hideProblem();
    this.show("consent");
  }

  show(shown: Screen): void {
    for (const [name, screen] of Object.entries(this.#screens)) screen.hidden = name !== shown;
  }

  showState(name: StateName, paused: PauseCause | null): void {
    this.#dot.dataset["account"] = "unknown";
    this.#state.textContent = this.wording.say(`status.${name}`);
    this.#pause.textContent = this.wording.say(paused ? "session.resume" : "session.pause");
    this.#pause.disabled = name === "camera" || name === "stopping";
    this.#stop.disabled = name === "stopping";
    this.video.hidden = paused !== null || name === "camera";
  }

  showMetrics({ is_focused, state, cause }: MetricsMessage): void {
    const account = is_focused === null ? "unknown" : is_focused ? "focused" : "unfocused";
    this.#dot.dataset["account"] = account;
    const text = cause
      ? this.wording.sayIfKnown(`cause.${cause}`, cause)
      : this.wording.sayIfKnown(`account.${state}`, state);
    if (this.#state.textContent !== text) this.#state.textContent = text;
  }

  showEnd(summary: SummaryMessage | null): void {
    this.#ending.textContent = this.#said(summary);
    this.#sent.hidden = summary === null;
    this.#record.textContent = JSON.stringify(summary, null, 2);
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
    this.#ending.textContent = this.wording.say("declined.text");
    this.#sent.hidden = true;
    this.show("end");
  }

  #said(summary: SummaryMessage | null): string {
    if (!summary) return this.wording.say("recap.none");
    if (summary.total_time < 0.5) return this.wording.say("recap.leadNone");
    const focused = this.wording.duration(summary.focused_time);
    return this.wording.say("recap.lead", {
      focused,
      total: this.wording.duration(summary.total_time),
    });
  }

  #consent({ start, decline }: ViewActions): HTMLElement {
    const screen = make("div", { part: "consent", class: "stack" });
    const row = make("div", { class: "row" });
    const agree = this.#button("intro.start", start);
    agree.className = "main";
    row.append(agree, this.#button("intro.decline", decline));
    screen.append(
      this.#text("p", "intro.title", "title"),
      this.#text("p", "intro.promise", ""),
      this.#text("p", "consent.measured", "soft"),
      this.#text("p", "consent.kept", "soft"),
      this.#text("p", "intro.choice.text", "soft"),
      row,
    );
    return screen;
  }

  #session(): HTMLElement {
    const screen = make("div", { part: "session", class: "row" });
    const said = make("span", { class: "row grow" });
    said.append(this.#dot, this.#state);
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.autoplay = true;
    screen.append(this.video, said, this.#pause, this.#stop);
    return screen;
  }

  #end({ start }: ViewActions): HTMLElement {
    const screen = make("div", { part: "end", class: "stack" });
    const row = make("div", { class: "row" });
    this.#ending.className = "grow";
    this.#ending.setAttribute("role", "status");
    row.append(this.#ending, this.#button("recap.again", start));
    this.#sent.append(this.#text("summary", "recap.sent", ""), this.#record);
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
