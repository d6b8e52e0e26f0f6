/** The live class as it comes: connects again by itself, until it is stopped or turned away. */

import { type BackoffPolicy, retryDelay } from "../../lib/backoff.js";
import { EyeError, eyeError, networkError } from "../../lib/errors.js";
import { pause } from "../../lib/waiting.js";
import { eventsOf } from "./event-stream.js";
import type { LiveRound } from "./stored.js";

export type FeedState = "connecting" | "live" | "lost" | "busy";

const PATIENT: BackoffPolicy = { baseMs: 1_000, capMs: 15_000, giveUpAfterMs: Number.MAX_VALUE };
/** The service says something every second. */
const SILENCE_MS = 10_000;

export interface FeedEvents {
  round(round: LiveRound): void;
  state(state: FeedState): void;
}

export class LiveFeed {
  #failures = 0;

  constructor(
    private readonly open: (signal: AbortSignal) => Promise<Response>,
    private readonly events: FeedEvents,
  ) {}

  /** Ends when `signal` aborts; throws the `EyeError` of a refusal that no waiting mends. */
  async run(signal: AbortSignal): Promise<void> {
    this.events.state("connecting");
    while (!signal.aborted) {
      const error = await this.#follow(signal);
      if (signal.aborted) return;
      if (!error.retryable) throw error;
      this.#failures += 1;
      this.events.state(error.reason === "overloaded" ? "busy" : "lost");
      await pause(this.#delay(error), signal);
    }
  }

  /** Reads until there is nothing more; says why. */
  async #follow(signal: AbortSignal): Promise<EyeError> {
    const watch = new Watch(signal);
    try {
      const { body } = await this.open(watch.signal);
      if (!body) throw new EyeError("unsupported");
      for await (const data of eventsOf(body)) {
        watch.heard();
        this.#failures = 0;
        this.events.state("live");
        this.#deliver(data);
      }
      return networkError("the stream ended");
    } catch (cause) {
      return cause instanceof EyeError ? cause : asNetwork(cause);
    } finally {
      watch.end();
    }
  }

  /** What goes wrong in the page is no fault of the connection. */
  #deliver(data: string): void {
    try {
      this.events.round(JSON.parse(data) as LiveRound);
    } catch (cause) {
      reportError(cause);
    }
  }

  #delay({ retryAfterMs }: EyeError): number {
    const failure = { attempts: this.#failures, elapsedMs: 0, retryable: true, retryAfterMs };
    return retryDelay(PATIENT, { ...failure, random: Math.random() }) ?? PATIENT.capMs;
  }
}

/** A stream that breaks off throws a TypeError, or the reason of {@link Watch}. */
function asNetwork(cause: unknown): EyeError {
  const error = eyeError(cause);
  return error.reason === "internal" ? networkError(cause) : error;
}

/** Aborts with its parent, or when nothing was heard for too long. */
class Watch {
  readonly #inner = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parent: AbortSignal) {
    parent.addEventListener("abort", this.#stop, { once: true });
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#inner.abort(networkError("silence")), SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.parent.removeEventListener("abort", this.#stop);
    this.#inner.abort();
  }

  readonly #stop = () => this.#inner.abort(this.parent.reason);
}
