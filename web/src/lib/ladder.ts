/** Several ways to connect: the best one first, the next one beside it when that takes long. */

import { type EyeError, type EyeErrorReason, eyeError } from "./errors.js";
import type { OpenRequest, OpenTransport, Transport } from "./transport.js";
import { pause } from "./waiting.js";
import type { Ticket } from "./whip.js";

/** After so long the lower rung starts as well. WebRTC needs a second or two where it works. */
const HEAD_START_MS = 3_000;

const FALLS: ReadonlySet<EyeErrorReason> = new Set(["connection_failed", "unsupported"]);

/**
 * Opens `upper`, and `lower` beside it when that is not open after three seconds or has failed for
 * a reason that lies on the way. Whichever is open first carries the session; the other is given
 * up. Both stand for one session: what the service admitted for one is the other's ticket.
 */
export function ladder(upper: OpenTransport, lower: OpenTransport): OpenTransport {
  return async (request, signal) => {
    const climb = new Climb(request, signal);
    try {
      return await Promise.any([climb.upper(upper), climb.lower(lower)]);
    } catch (cause) {
      signal.throwIfAborted();
      throw climb.firstError ?? cause;
    }
  };
}

class Climb {
  firstError: EyeError | null = null;
  #ticket: Ticket | null;
  #winner: Transport | null = null;
  readonly #over = new AbortController();
  readonly #upperFailed = new AbortController();

  constructor(
    private readonly request: OpenRequest,
    signal: AbortSignal,
  ) {
    this.#ticket = request.ticket;
    signal.addEventListener("abort", () => this.#over.abort(signal.reason), {
      once: true,
      signal: this.#over.signal,
    });
    if (signal.aborted) this.#over.abort(signal.reason);
  }

  async upper(open: OpenTransport): Promise<Transport> {
    try {
      return await this.#open(open);
    } catch (cause) {
      this.firstError = eyeError(cause);
      this.#upperFailed.abort();
      throw cause;
    }
  }

  async lower(open: OpenTransport): Promise<Transport> {
    const signals = [this.#over.signal, this.#upperFailed.signal];
    const waiting = new AbortController();
    for (const signal of signals) signal.addEventListener("abort", () => waiting.abort());
    await pause(HEAD_START_MS, waiting.signal);
    this.#over.signal.throwIfAborted();
    // a refusal is meant for every rung; what the network or the browser lacks may be here
    if (this.firstError && !FALLS.has(this.firstError.reason)) throw this.firstError;
    return this.#open(open);
  }

  async #open(open: OpenTransport): Promise<Transport> {
    const admitted = (ticket: Ticket) => {
      this.#ticket = ticket;
      this.request.admitted(ticket);
    };
    const transport = await open(
      { ...this.request, ticket: this.#ticket, admitted },
      this.#over.signal,
    );
    if (this.#winner) {
      transport.close();
      throw new DOMException("the other rung was first", "AbortError");
    }
    this.#winner = transport;
    this.#over.abort(new DOMException("a rung carries", "AbortError"));
    return transport;
  }
}
