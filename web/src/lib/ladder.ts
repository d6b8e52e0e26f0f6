/** Several ways to connect: the best one first, the next one beside it when that takes long. */

import { type EyeError, type EyeErrorReason, eyeError } from "./errors.js";
import type { OpenRequest, OpenTransport, Transport } from "./transport.js";
import { pause } from "./waiting.js";
import type { Ticket } from "./whip.js";

interface Step {
  /** After so long the lower rung starts as well. */
  readonly headStartMs: number;
  /** Failures of the upper rung after which it need not be waited for. */
  readonly falls: ReadonlySet<EyeErrorReason>;
}

/** From WebRTC to pictures: WebRTC needs a second or two where it works. */
export const TO_PICTURES: Step = {
  headStartMs: 3_000,
  falls: new Set(["connection_failed", "unsupported"]),
};

/** From the WebSocket to REST: a proxy that refuses the upgrade looks like no service at all. */
export const TO_REST: Step = {
  headStartMs: 2_500,
  falls: new Set(["unreachable", "unsupported"]),
};

/**
 * Opens `upper`, and `lower` beside it when that is not open after its head start or has failed for
 * a reason that lies on the way. Whichever is open first carries the session; the other is given
 * up. Both stand for one session: what the service admitted for one is the other's ticket.
 */
export function ladder(upper: OpenTransport, lower: OpenTransport, step: Step): OpenTransport {
  return async (request, signal) => {
    const climb = new Climb(request, signal, step);
    try {
      return await Promise.any([climb.upper(upper), climb.lower(lower)]);
    } catch (cause) {
      signal.throwIfAborted();
      throw climb.failure ?? cause;
    }
  };
}

class Climb {
  #upperError: EyeError | null = null;
  #lowerError: EyeError | null = null;
  #ticket: Ticket | null;
  #winner: Transport | null = null;
  readonly #over = new AbortController();
  readonly #upperFailed = new AbortController();

  constructor(
    private readonly request: OpenRequest,
    signal: AbortSignal,
    private readonly step: Step,
  ) {
    this.#ticket = request.ticket;
    signal.addEventListener("abort", () => this.#over.abort(signal.reason), {
      once: true,
      signal: this.#over.signal,
    });
    if (signal.aborted) this.#over.abort(signal.reason);
  }

  /** What to say when no rung opened: an answer of the service says more than a closed way. */
  get failure(): EyeError | null {
    const errors = [this.#upperError, this.#lowerError];
    return errors.find((error) => error?.retryable === false) ?? this.#upperError;
  }

  async upper(open: OpenTransport): Promise<Transport> {
    try {
      return await this.#open(open);
    } catch (cause) {
      this.#upperError = eyeError(cause);
      this.#upperFailed.abort();
      throw cause;
    }
  }

  async lower(open: OpenTransport): Promise<Transport> {
    const signals = [this.#over.signal, this.#upperFailed.signal];
    const waiting = new AbortController();
    for (const signal of signals) signal.addEventListener("abort", () => waiting.abort());
    await pause(this.step.headStartMs, waiting.signal);
    this.#over.signal.throwIfAborted();
    // a refusal is meant for every rung; what the network or the browser lacks may be here
    const refusal = this.#upperError;
    if (refusal && !this.step.falls.has(refusal.reason)) throw refusal;
    try {
      return await this.#open(open);
    } catch (cause) {
      this.#lowerError = eyeError(cause);
      throw cause;
    }
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
