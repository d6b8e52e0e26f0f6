/** The whole document: contents with a filter, operations, models. */

import { element } from "../shared/page.js";
import { make, prose } from "./dom.js";
import { modelId, modelOf } from "./model-view.js";
import { type Entry, entriesByTag, type OpenApi, wordsOf } from "./openapi.js";
import { operationOf } from "./operation-view.js";

const GROUPS: Readonly<Record<string, string>> = {
  whip: "Sessions over WebRTC (WHIP)",
  rest: "Pictures in single requests",
  events: "Messages as a stream",
  frames: "The old service's pictures",
  socketio: "The old service's Socket.IO",
  health: "Probes",
  ice: "ICE servers",
  sessions: "What is stored",
  users: "One student's data",
  live: "The live class",
  modules: "A module compared",
  metrics: "Monitoring",
  web: "Pages",
  openapi: "This document",
};

interface Shown {
  readonly words: string;
  readonly card: HTMLElement;
  readonly link: HTMLElement;
}

export class DocsPage {
  readonly #shown: Shown[] = [];

  constructor(
    private readonly document: OpenApi,
    private readonly origin: string,
  ) {
    element("title", HTMLElement).textContent = `${document.info.title}: API`;
    element("about", HTMLElement).replaceChildren(...prose(document.info.description));
    this.#fill();
    const filter = element("filter", HTMLInputElement);
    filter.addEventListener("input", () => this.#filter(filter.value));
    window.addEventListener("hashchange", () => this.#go());
    this.#filter("");
    this.#go();
  }

  #fill(): void {
    const contents = element("contents", HTMLElement);
    const operations = element("operations", HTMLElement);
    for (const [tag, entries] of entriesByTag(this.document)) {
      const title = GROUPS[tag] ?? tag;
      const links = entries.map((entry) => this.#add(entry));
      contents.append(make("h2", {}, title), make("ul", {}, ...links.map(({ link }) => link)));
      const cards = links.map(({ card }) => card);
      operations.append(make("section", { class: "group" }, make("h2", {}, title), ...cards));
    }
    const models = Object.entries(this.document.components.schemas);
    const names = models.map(([name]) =>
      make("li", {}, make("a", { href: `#${modelId(name)}` }, name)),
    );
    contents.append(make("h2", {}, "Models"), make("ul", {}, ...names));
    const cards = models.map(([name, schema]) => modelOf(name, schema));
    element("models", HTMLElement).append(
      make("section", { class: "group" }, make("h2", {}, "Models"), ...cards),
    );
  }

  #add(entry: Entry): Shown {
    const { operationId } = entry.operation;
    const method = make("span", { class: "method", "data-method": entry.method }, entry.method);
    const to = make("a", { href: `#${operationId}` }, method, " ", entry.path);
    const card = operationOf(entry, this.origin);
    const shown = { words: wordsOf(entry), card, link: make("li", {}, to) };
    this.#shown.push(shown);
    return shown;
  }

  /** Shows only what has all words of `text` in it. */
  #filter(text: string): void {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { words, card, link } of this.#shown) {
      const matches = wanted.every((word) => words.includes(word));
      card.hidden = link.hidden = !matches;
      if (matches) found += 1;
    }
    for (const group of element("operations", HTMLElement).children) {
      if (group instanceof HTMLElement) {
        group.hidden = group.querySelector(".operation:not([hidden])") === null;
      }
    }
    element("found", HTMLElement).textContent = `${found} operation${found === 1 ? "" : "s"}`;
  }

  /** Opens what the address points at. */
  #go(): void {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.querySelector("summary")?.focus();
    }
    target.scrollIntoView();
  }
}
