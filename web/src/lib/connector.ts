/** Gets a connection and, when it broke, the next one for the same session. */

import { climbDelay, FIRST_CONNECTION, RECONNECTION, retryDelay } from "./backoff.js";
import type { Environment } from "./environment.js";
import { EyeError, eyeError } from "./errors.js";
import type { OpenRequest, OpenTransport, Transport } from "./transport.js";
import { pause } from "./waiting.js";
import type { Ticket } from "./whip.js";

export type ConnectRequest = Omit<OpenRequest, "ticket" | "admitted">;

interface Wiring {
  readonly open: OpenTransport;
  /** The best rung alone. */
  readonly best: OpenTransport;
  /** Called before each attempt, which counts from 0. */
  readonly trying: (attempt: number) => void;
  readonly environment: Pick<Environment, "now" | "random">;
}

export class Connector {
  /** Set once the service has taken the session. */
  ticket: Ticket | null = null;
  #wasOpen = false;
  #underWay = 0;
  #skipPause = new AbortController();
  #climbing = new AbortController();

  constructor(private readonly wiring: Wiring) {}

  /** An attempt is under way, whoever made it. */
  get attempting(): boolean {
    return this.#underWay > 0;
  }

  /** Tries until there is a connection. Throws an `EyeError` when it gives up or is aborted. */
  async connect(request: () => ConnectRequest, signal: AbortSignal): Promise<Transport> {
    const startedAt = this.wiring.environment.now();
    for (let attempt = 0; ; attempt += 1) {
      this.wiring.trying(attempt);
      try {
        return await this.#attempt(request(), signal);
      } catch (cause) {
        await this.#wait(this.#judge(cause, signal), attempt + 1, startedAt, signal);
      }
    }
  }

  /**
   * Looks for a better way beside the one that carries, now and then and when the network changes.
   * Resolves once there is one; rejects with the signal's reason only.
   */
  async climb(request: () => ConnectRequest, signal: AbortSignal): Promise<Transport> {
    for (let failures = 0; ; failures += 1) {
      const again = this.#climbing.signal.aborted; // the attempt was made in the old network
      const delay = again ? 0 : climbDelay(failures, this.wiring.environment.random());
      await this.#pause(delay, signal);
      signal.throwIfAborted();
      try {
        return await this.#climb(request(), signal);
      } catch {
        signal.throwIfAborted(); // else: no way up yet; what carries goes on
      }
    }
  }

  /** Looks for any other way beside the one that is in trouble, at once. Settles as `climb`. */
  async rescue(request: () => ConnectRequest, signal: AbortSignal): Promise<Transport> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#attempt(request(), signal);
      } catch (cause) {
        signal.throwIfAborted();
        await this.#pause(this.#rescueDelay(attempts, eyeError(cause)), signal);
        signal.throwIfAborted();
      }
    }
  }

  /** The network is back or another one: the next attempt starts now. */
  retryNow(): void {
    this.#skipPause.abort();
    this.#climbing.abort();
  }

  /** One attempt, which another network ends. */
  async #climb(request: ConnectRequest, signal: AbortSignal): Promise<Transport> {
    const climbing = new AbortController();
    const stop = () => climbing.abort();
    this.#climbing = climbing;
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await this.#attempt(request, climbing.signal, this.wiring.best);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #attempt(
    request: ConnectRequest,
    signal: AbortSignal,
    open: OpenTransport = this.wiring.open,
  ): Promise<Transport> {
    const admitted = (ticket: Ticket) => {
      this.ticket = ticket;
    };
    this.#underWay += 1;
    try {
      const transport = await open({ ...request, ticket: this.ticket, admitted }, signal);
      this.#wasOpen = true;
      return transport;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** What cannot be mended is told once the present connection is gone. */
  #rescueDelay(attempts: number, { retryAfterMs }: EyeError): number {
    const random = this.wiring.environment.random();
    const failure = { attempts, elapsedMs: 0, retryable: true, retryAfterMs, random };
    return retryDelay(RECONNECTION, failure) ?? RECONNECTION.giveUpAfterMs;
  }

  #judge(cause: unknown, signal: AbortSignal): EyeError {
    if (signal.aborted) return new EyeError("aborted", { cause });
    const error = eyeError(cause);
    if (error.reason !== "session_gone" || this.#wasOpen) return error;
    // nothing was asked to go on: there is no such address
    if (this.ticket === null) return new EyeError("refused", { cause });
    // nothing was measured yet, so nothing is lost with that session
    this.ticket = null;
    return new EyeError("connection_failed", { cause });
  }

  async #wait(
    error: EyeError,
    attempts: number,
    startedAt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { now, random } = this.wiring.environment;
    const delay = retryDelay(this.#wasOpen ? RECONNECTION : FIRST_CONNECTION, {
      attempts,
      elapsedMs: now() - startedAt,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs,
      random: random(),
    });
    if (delay === null) throw error;
    await this.#pause(delay, signal);
    if (signal.aborted) throw new EyeError("aborted");
  }

  /** Ends early when the network is back or the signal aborts; never rejects. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    this.#skipPause = new AbortController();
    const skip = () => this.#skipPause.abort();
    signal.addEventListener("abort", skip, { once: true });
    await pause(signal.aborted ? 0 : ms, this.#skipPause.signal);
    signal.removeEventListener("abort", skip);
  }
}
