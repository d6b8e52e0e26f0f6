/** The live class: a strip for each session that runs, in the order of names. */

import type { DashboardWording } from "../../texts/dashboard/wording.js";
import { divide } from "../capture/bar.js";
import { element } from "../shared/page.js";
import { Card } from "./card.js";
import { make, put } from "./dom.js";
import { type Paintable, Painter } from "./painter.js";
import type { LiveRound, LiveSession } from "./stored.js";

/** How long a session that has ended stays to be seen. */
const ENDED_MS = 60_000;
/** Each running session is told every second: who was not for so long is gone. */
const UNHEARD_MS = 20_000;
const NONE = "\u0000none";

/** A session's place in the class; its strip is made when there is time to paint it. */
class Seat implements Paintable {
  card: Card | null = null;
  heardAt = 0;
  endedAt: number | null = null;

  constructor(
    public session: LiveSession,
    private readonly enter: (session: LiveSession) => Card,
  ) {}

  paint(): void {
    this.card ??= this.enter(this.session);
    this.card.session = this.session;
    this.card.paint();
  }
}

export class ClassView {
  readonly #list = element("class-list", HTMLUListElement);
  readonly #seats = new Map<string, Seat>();
  readonly #order: Card[] = [];
  readonly #painter = new Painter();
  readonly #filters: readonly Filter[];
  readonly #tally: Paintable = { paint: () => this.#count() };

  constructor(private readonly wording: DashboardWording) {
    const names = { all: wording.say("class.filter.all"), none: wording.say("class.filter.none") };
    const changed = () => this.#filter();
    this.#filters = [
      new Filter("filter-module", ({ module_id }) => module_id, names, changed),
      new Filter("filter-section", ({ section_id }) => section_id, names, changed),
    ];
  }

  take({ sessions }: LiveRound): void {
    const now = performance.now();
    for (const session of sessions) this.#seat(session, now);
    this.#clear(now);
    this.#painter.ask(this.#tally);
  }

  /** Nobody is signed in any more. */
  clear(): void {
    for (const [id, seat] of this.#seats) this.#remove(id, seat);
  }

  #seat(session: LiveSession, now: number): void {
    const seat = this.#seats.get(session.session_id) ?? this.#newSeat(session);
    seat.heardAt = now;
    seat.session = session;
    if (session.state === "ended") seat.endedAt ??= now;
    this.#painter.ask(seat);
  }

  #newSeat(session: LiveSession): Seat {
    const seat = new Seat(session, (now) => this.#enter(now));
    this.#seats.set(session.session_id, seat);
    for (const filter of this.#filters) filter.know(session);
    return seat;
  }

  #enter(session: LiveSession): Card {
    const card = new Card(session, this.wording);
    card.place.hidden = !this.#isWanted(session);
    const next = insert(this.#order, card);
    this.#list.insertBefore(card.place, next?.place ?? null);
    return card;
  }

  #clear(now: number): void {
    for (const [id, seat] of this.#seats) {
      const { heardAt, endedAt, card } = seat;
      const over = endedAt === null ? now - heardAt > UNHEARD_MS : now - endedAt > ENDED_MS;
      if (over && !card?.place.contains(document.activeElement)) this.#remove(id, seat);
    }
  }

  #remove(id: string, seat: Seat): void {
    this.#seats.delete(id);
    this.#painter.forget(seat);
    if (seat.card === null) return;
    this.#order.splice(this.#order.indexOf(seat.card), 1);
    seat.card.place.remove();
  }

  #isWanted(session: LiveSession): boolean {
    return this.#filters.every((filter) => filter.lets(session));
  }

  #filter(): void {
    for (const { place, session } of this.#order) place.hidden = !this.#isWanted(session);
    this.#count();
  }

  #count(): void {
    const wanted = [...this.#seats.values()]
      .map(({ session }) => session)
      .filter((session) => this.#isWanted(session));
    const running = wanted.filter(({ state }) => state !== "ended");
    const count = (account: string | null) =>
      running.filter((session) => session.account === account).length;
    const focused = count("focused");
    const unfocused = count("unfocused");
    const unknown = running.length - focused - unfocused;
    this.#say(running.length, { focused, unfocused, unknown });
    element("class-empty", HTMLElement).hidden = wanted.length > 0;
    element("class-loading", HTMLElement).hidden = true;
  }

  #say(number: number, now: Readonly<Record<"focused" | "unfocused" | "unknown", number>>): void {
    const { wording } = this;
    const text =
      number === 1 ? wording.say("class.count.one") : wording.say("class.count", { number });
    put(element("class-count", HTMLElement), text);
    const bar = element("class-bar", HTMLElement);
    bar.hidden = number === 0;
    divide(bar, now.focused, now.unfocused, now.unknown);
    const words = number === 0 ? "" : wording.say("class.now", now);
    put(element("class-now", HTMLElement), words);
  }
}

/** A choice among the values that sessions have. */
class Filter {
  readonly #select: HTMLSelectElement;
  readonly #known = new Set<string>();

  constructor(
    id: string,
    private readonly read: (session: LiveSession) => string | null,
    private readonly names: Readonly<Record<"all" | "none", string>>,
    changed: () => void,
  ) {
    this.#select = element(id, HTMLSelectElement);
    this.#select.append(option("", names.all));
    this.#select.addEventListener("change", changed);
  }

  know(session: LiveSession): void {
    const value = this.read(session) ?? NONE;
    if (this.#known.has(value)) return;
    this.#known.add(value);
    const made = option(value, value === NONE ? this.names.none : value);
    const later = [...this.#select.options]
      .slice(1)
      .find((other) => compareNames(other.value, value) > 0);
    this.#select.insertBefore(made, later ?? null);
  }

  lets(session: LiveSession): boolean {
    const { value } = this.#select;
    return value === "" || value === (this.read(session) ?? NONE);
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const made = make("option", "", text);
  made.value = value;
  return made;
}

const names = new Intl.Collator(undefined, { numeric: true });

function compareNames(one: string, other: string): number {
  return names.compare(one, other);
}

function compare(one: Card, other: Card): number {
  const [a, b] = [one.session, other.session];
  return compareNames(a.user_id, b.user_id) || a.started_at - b.started_at;
}

/** Puts `card` where it belongs in the sorted `cards`; the one that follows it, if any. */
function insert(cards: Card[], card: Card): Card | undefined {
  let low = 0;
  let high = cards.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = cards[middle];
    if (there && compare(there, card) <= 0) low = middle + 1;
    else high = middle;
  }
  cards.splice(low, 0, card);
  return cards[low + 1];
}
