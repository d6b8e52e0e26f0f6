/** Looks for the connection that follows the present one, while that one still carries. */

import type { Transport } from "./transport.js";

/** Resolves with a connection; rejects once the signal has aborted, and only then. */
export type Way = (signal: AbortSignal) => Promise<Transport>;

export class Search {
  /** Resolves with the next connection; never rejects, and never settles where none is found. */
  readonly found: Promise<Transport>;
  #find: (transport: Transport) => void = () => undefined;
  #looking = new AbortController();
  #hurried = false;

  /** `usual` is searched from now on; null: there is nothing better to find. */
  constructor(
    private readonly usual: Way | null,
    private readonly inTrouble: Way,
  ) {
    this.found = new Promise((resolve) => {
      this.#find = resolve;
    });
    this.#look(usual);
  }

  /** While the present connection is in trouble any other will do, and at once. */
  hurry(troubled: boolean): void {
    if (troubled === this.#hurried) return;
    this.#hurried = troubled;
    this.#look(troubled ? this.inTrouble : this.usual);
  }

  stop(): void {
    this.#looking.abort(new DOMException("nothing is looked for any more", "AbortError"));
  }

  #look(way: Way | null): void {
    this.stop();
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    way?.(signal).then(
      (transport) => (signal.aborted ? transport.close() : this.#find(transport)),
      () => undefined,
    );
  }
}
