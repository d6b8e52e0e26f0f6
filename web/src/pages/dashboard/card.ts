/** One running session as a small strip. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { drawn, make, put } from "./dom.js";
import type { Paintable } from "./painter.js";
import { qualityOf } from "./quality.js";
import { linkTo } from "./route.js";
import type { Account, LiveSession } from "./stored.js";
import { HEIGHT, pathsOf, STEPS, secondsOf } from "./trail.js";

const ACCOUNTS: readonly Account[] = ["focused", "unfocused", "unknown"];
const BARS = [1, 2, 3] as const;

/** What stands in the address of a dot: one of the accounts, or nothing known yet. */
function shownAccount({ account }: LiveSession): Account | "none" {
  if (account === null) return "none";
  return account === "pending" ? "unknown" : account;
}

export class Card implements Paintable {
  readonly place = make("li", "card strip-card");
  readonly #who = make("span", "who");
  readonly #state = make("span", "state");
  readonly #share = make("span", "share-now");
  readonly #lesson = make("span", "lesson");
  readonly #way = make("span", "way");
  readonly #signal = make("span", "signal", ...BARS.map(() => make("i")));
  readonly #signalText = make("span", "unseen");
  readonly #paths: Readonly<Record<Account, SVGPathElement>>;
  readonly #trail: SVGSVGElement;
  #drawnTrail: string | null = null;

  constructor(
    public session: LiveSession,
    private readonly wording: DashboardWording,
  ) {
    const paths = ACCOUNTS.map((account) => [account, drawn("path", { class: account })] as const);
    this.#paths = Object.fromEntries(paths) as Record<Account, SVGPathElement>;
    this.#trail = drawn(
      "svg",
      {
        class: "trail",
        viewBox: `0 0 ${STEPS} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
      },
      ...paths.map(([, path]) => path),
    );
    this.#signal.setAttribute("aria-hidden", "true");
    this.place.append(this.#link());
    this.place.dataset["session"] = session.session_id;
  }

  #link(): HTMLAnchorElement {
    const { session, wording } = this;
    this.#who.textContent = wording.say("card.student", { id: session.user_id });
    this.#lesson.textContent = lessonOf(session, wording);
    const dot = make("span", "dot");
    dot.setAttribute("aria-hidden", "true");
    const link = make(
      "a",
      "strip-link",
      make("span", "strip-head", dot, this.#who, this.#state),
      this.#trail,
      make(
        "span",
        "strip-foot",
        this.#share,
        this.#lesson,
        make("span", "carrier", this.#way, this.#signal, this.#signalText),
      ),
    );
    link.href = linkTo(session.session_id);
    return link;
  }

  paint(): void {
    const { session, wording } = this;
    const { dataset } = this.place;
    const account = shownAccount(session);
    if (dataset["account"] !== account) dataset["account"] = account;
    if (dataset["state"] !== session.state) dataset["state"] = session.state;
    put(this.#state, stateOf(session, wording));
    put(this.#share, shareOf(session, wording));
    put(
      this.#way,
      session.state === "ended" ? "" : wayOf(session.transport ?? session.way ?? null, wording),
    );
    this.#paintSignal();
    this.#paintTrail();
  }

  #paintSignal(): void {
    const { session, wording } = this;
    const quality = session.state === "ended" ? null : qualityOf(session);
    const level = String(quality ?? "none");
    if (this.#signal.dataset["level"] === level) return;
    this.#signal.dataset["level"] = level;
    const words = wording.say(`quality.${quality ?? "none"}`);
    put(this.#signalText, wording.say("card.quality", { words }));
    this.#signal.title = wording.say("card.quality", { words });
  }

  #paintTrail(): void {
    const { trail } = this.session;
    if (trail === this.#drawnTrail) return;
    this.#drawnTrail = trail;
    const paths = pathsOf(trail);
    for (const account of ACCOUNTS) this.#paths[account].setAttribute("d", paths[account]);
    const seconds = secondsOf(trail);
    const said = ACCOUNTS.map((name) => [name, this.wording.duration(seconds[name])]);
    this.#trail.setAttribute(
      "aria-label",
      this.wording.say("class.trail", Object.fromEntries(said) as Record<Account, string>),
    );
  }
}

function lessonOf({ module_id, section_id }: LiveSession, wording: DashboardWording): string {
  const module = wording.say("card.module", { id: module_id });
  return section_id === null
    ? module
    : `${module}, ${wording.say("card.section", { id: section_id })}`;
}

function stateOf({ state, account, cause }: LiveSession, wording: DashboardWording): string {
  if (state === "ended") return wording.say("card.ended");
  if (cause !== null) return wording.sayIfKnown(`cause.${cause}`, cause);
  if (account === null) return wording.say("card.new");
  return wording.say(`account.${account}`);
}

function shareOf({ focus_percentage, elapsed }: LiveSession, wording: DashboardWording): string {
  if (elapsed === null || elapsed === 0) return "";
  const share =
    focus_percentage === null
      ? wording.say("card.share.none")
      : wording.say("card.share", { share: wording.percent(focus_percentage) });
  return `${share} · ${minutes(elapsed, wording)}`;
}

/** Whole minutes from the first on: a class does not look at seconds. */
function minutes(seconds: number, wording: DashboardWording): string {
  return seconds < 60
    ? wording.duration(seconds)
    : `${wording.number(Math.floor(seconds / 60))} min`;
}

export function wayOf(way: string | null, wording: DashboardWording): string {
  return way === null ? wording.say("way.none") : wording.sayIfKnown(`way.${way}`, way);
}
