/** Tries each part and each way by itself; no picture leaves the machine. */

import type { Bearer } from "../../lib/bearer.js";
import { DeviceCamera } from "../../lib/camera.js";
import type { Environment } from "../../lib/environment.js";
import { EyeError, eyeError } from "../../lib/errors.js";
import { candidatesOf, choosing } from "../../lib/ice-choice.js";
import { rest } from "../../lib/rest.js";
import type { Rung } from "../../lib/state.js";
import type { OpenTransport, Transport } from "../../lib/transport.js";
import { pause } from "../../lib/waiting.js";
import { webRtc } from "../../lib/webrtc.js";
import { webSocket } from "../../lib/websocket.js";
import { type Ids, type Ticket, WhipClient } from "../../lib/whip.js";
import { type Outcome, RUNGS } from "./report.js";

const PONG_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 20;

interface Service {
  readonly serviceUrl: string;
  readonly ids: Ids;
  readonly bearer: Bearer;
  readonly environment: Environment;
}

/**
 * One session carries the whole test, from the lowest rung up: a token begins one session only,
 * and what fails higher up leaves the connection below it alone. It is paused and has no picture,
 * so the service keeps no record of it.
 */
export class ConnectionTest {
  #ticket: Ticket | null = null;
  #carrying: Transport | null = null;
  readonly #whip: WhipClient;

  constructor(private readonly service: Service) {
    this.#whip = new WhipClient(service.serviceUrl, service.bearer);
  }

  camera(signal: AbortSignal): Promise<Outcome> {
    const camera = new DeviceCamera(this.service.environment, 10, undefined);
    return this.#timed(async () => {
      await camera.open(signal);
      camera.close();
      return null;
    });
  }

  signaling(signal: AbortSignal): Promise<Outcome> {
    const { bearer, serviceUrl } = this.service;
    return this.#timed(async () => {
      await bearer.send(`${serviceUrl}/healthz`, { signal, cache: "no-store" });
      return null;
    });
  }

  /** Each rung's outcome as it is known; `found` also says what is being tried (null). */
  async rungs(found: (rung: Rung, outcome: Outcome | null) => void, signal: AbortSignal) {
    try {
      for (const rung of [...RUNGS].reverse()) {
        found(rung, null);
        found(rung, await this.#rung(rung, signal));
      }
    } finally {
      await this.#end();
    }
  }

  #rung(rung: Rung, signal: AbortSignal): Promise<Outcome> {
    return this.#timed(async () => {
      const transport = await this.#way(rung)(this.#request(), signal);
      transport.send({ type: "pause" });
      this.#carrying?.close();
      this.#carrying = transport;
      return transport;
    });
  }

  #way(rung: Rung): OpenTransport {
    const { serviceUrl, bearer, environment } = this.service;
    if (rung === "rest") return rest(serviceUrl, bearer, environment);
    if (rung === "websocket") return webSocket(serviceUrl, bearer, environment);
    const missing = () => new NoServer();
    return webRtc(this.#whip, environment, choosing(rung, missing), candidatesOf(rung, missing));
  }

  #request() {
    return {
      ids: this.service.ids,
      ticket: this.#ticket,
      track: null,
      maxFps: 10,
      admitted: (ticket: Ticket) => {
        this.#ticket = ticket;
      },
      heard: () => undefined,
      changed: () => undefined,
    };
  }

  async #timed(work: () => Promise<Transport | null>): Promise<Outcome> {
    const { now } = this.service.environment;
    const startedAt = now();
    try {
      const transport = await work();
      const connectMs = Math.round(now() - startedAt);
      const roundTripMs = transport ? await this.#roundTrip(transport) : null;
      return { result: "works", connectMs, roundTripMs };
    } catch (cause) {
      return cause instanceof NoServer ? { result: "absent" } : this.#failure(eyeError(cause));
    }
  }

  #failure({ reason, code }: EyeError): Outcome {
    // the session of the last rung ended with it: the next begins one of its own
    if (reason === "session_gone") this.#ticket = null;
    return { result: "fails", reason, ...(code === undefined ? {} : { code }) };
  }

  async #roundTrip(transport: Transport): Promise<number | null> {
    const never = new AbortController().signal;
    const { now } = this.service.environment;
    const until = now() + PONG_WITHIN_MS;
    while (transport.roundTripMs === null && now() < until) await pause(LOOK_EVERY_MS, never);
    const { roundTripMs } = transport;
    return roundTripMs === null ? null : Math.round(roundTripMs * 10) / 10;
  }

  async #end(): Promise<void> {
    this.#carrying?.close();
    if (this.#ticket) await this.#whip.release(this.#ticket);
  }
}

class NoServer extends EyeError {
  constructor() {
    super("unsupported");
  }
}
