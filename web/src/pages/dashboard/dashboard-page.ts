/** Moves between sign-in, live class, stored sessions and one session, as the address says. */

import { eyeError } from "../../lib/errors.js";
import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { element, showOnly } from "../shared/page.js";
import { ClassView } from "./class-view.js";
import { put } from "./dom.js";
import { type FeedState, LiveFeed } from "./live-feed.js";
import { PastView } from "./past-view.js";
import { type Route, routeOf } from "./route.js";
import { Service } from "./service.js";
import type { SessionView } from "./session-view.js";
import type { StaffToken } from "./staff-token.js";

const VIEWS = ["door", "class", "past", "session"] as const;
type View = (typeof VIEWS)[number];
const OF_ROUTE = { live: "class", sessions: "past", session: "session" } as const;

export class DashboardPage {
  readonly #class: ClassView;
  readonly #past: PastView;
  #sessionView: Promise<SessionView> | null = null;
  #open = new AbortController();
  #feed: AbortController | null = null;
  #service: Service;

  constructor(
    private readonly wording: DashboardWording,
    private readonly serviceUrl: string,
    private readonly token: StaffToken,
  ) {
    this.#service = this.#newService();
    this.#class = new ClassView(wording);
    this.#past = new PastView(wording, this.#current, this.#refused);
    window.addEventListener("hashchange", () => this.#arrive());
    element("door-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#signIn();
    });
    element("leave", HTMLButtonElement).addEventListener("click", () => this.#leave(null));
    this.#arrive();
  }

  readonly #current = () => this.#service;

  readonly #refused = (cause: unknown) => {
    const { reason, code } = eyeError(cause);
    if (reason === "token_expired") this.#leave("door.expired");
    else if (reason === "token_refused")
      this.#leave(code === "token_missing" ? null : "door.invalid");
    else if (reason === "forbidden")
      this.#leave(code === "staff_only" ? "door.student" : "door.refused");
    else this.#alarm(this.wording.say(`error.${reason}`));
  };

  #newService(): Service {
    return new Service(this.serviceUrl, window.fetch.bind(window), this.token.value);
  }

  // ------------------------------------------------------------ the way in and out

  #signIn(): void {
    const field = element("door-token", HTMLInputElement);
    this.token.keep(field.value);
    field.value = "";
    this.#service = this.#newService();
    this.#arrive();
  }

  #leave(why: "door.expired" | "door.invalid" | "door.student" | "door.refused" | null): void {
    this.#open.abort();
    this.#stopFeed();
    this.token.forget();
    this.#service = this.#newService();
    const words = why === null ? "" : this.wording.say(why);
    put(element("door-why", HTMLElement), words);
    this.#show("door");
    element("door-token", HTMLInputElement).focus();
  }

  // ------------------------------------------------------------ the views

  #arrive(): void {
    const rest = this.token.takeFrom(location.hash);
    if (rest !== location.hash) {
      history.replaceState(null, "", `${location.pathname}${location.search}${rest}`);
      this.#service = this.#newService();
    }
    this.#open.abort();
    this.#open = new AbortController();
    this.#alarm("");
    const route = routeOf(location.hash);
    this.#show(OF_ROUTE[route.view]);
    this.#mark(route);
    void this.#fill(route, this.#open.signal);
  }

  async #fill(route: Route, signal: AbortSignal): Promise<void> {
    this.#startFeed();
    if (route.view === "sessions") await this.#past.open(signal);
    if (route.view !== "session") return;
    this.#sessionView ??= this.#loadSessionView();
    await (await this.#sessionView).open(route.id, signal);
  }

  /** The charts are a file of their own: a class that is only watched does without. */
  async #loadSessionView(): Promise<SessionView> {
    const { SessionView } = await import("./session-view.js");
    return new SessionView(this.wording, this.#current, this.#refused);
  }

  #startFeed(): void {
    if (this.#feed !== null) return;
    const feed = new AbortController();
    this.#feed = feed;
    const live = new LiveFeed((signal) => this.#service.live(signal), {
      round: (round) => this.#class.take(round),
      state: (state) => this.#showFeed(state),
    });
    live.run(feed.signal).catch((cause: unknown) => {
      if (!feed.signal.aborted) this.#refused(cause);
    });
  }

  #stopFeed(): void {
    this.#feed?.abort();
    this.#feed = null;
    this.#class.clear();
  }

  #show(view: View): void {
    showOnly(
      element(view, HTMLElement),
      VIEWS.map((name) => element(name, HTMLElement)),
    );
    const isOutside = view === "door";
    for (const id of ["nav", "badge"]) element(id, HTMLElement).hidden = isOutside;
    element("leave", HTMLElement).hidden = isOutside || this.token.value === undefined;
  }

  #mark({ view }: Route): void {
    for (const name of ["live", "sessions"] as const) {
      const link = element(`nav-${name}`, HTMLElement);
      if (view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  #showFeed(state: FeedState): void {
    element("badge", HTMLElement).dataset["state"] = state === "live" ? "live" : "connecting";
    put(element("badge-text", HTMLElement), this.wording.say(`feed.${state}`));
  }

  #alarm(words: string): void {
    put(element("alarm", HTMLElement), words);
  }
}
