/** The lowest rung: JPEGs and messages in plain HTTPS requests, which every proxy lets through. */

import type { Bearer } from "./bearer.js";
import type { Environment } from "./environment.js";
import { EyeError, eyeError } from "./errors.js";
import { Heartbeat } from "./heartbeat.js";
import { decodeAll, encode, type Outgoing } from "./messages.js";
import { PictureLoop } from "./picture-loop.js";
import { attachOf, ticketOf } from "./ticket.js";
import type { OpenRequest, OpenTransport, Transport } from "./transport.js";
import { within } from "./waiting.js";
import type { Ticket } from "./whip.js";

const ATTACH_WITHIN_MS = 8_000;
const ANSWER_WITHIN_MS = 6_000;
/** Requests with pictures on their way: with one alone, a long way would halve the rate. */
const PICTURES_AT_ONCE = 3;

/** What concerns one picture or message only: the connection goes on. */
const PASSING: ReadonlySet<string> = new Set(["overloaded", "refused"]);

type RestEnvironment = Pick<Environment, "openGrabber" | "now">;

export function rest(
  serviceUrl: string,
  bearer: Bearer,
  environment: RestEnvironment,
): OpenTransport {
  return async (request, signal) => {
    const attached = await attach(serviceUrl, bearer, request, signal);
    signal.throwIfAborted();
    request.admitted(attached);
    return new RestTransport(attached.resource, bearer, request, environment);
  };
}

async function attach(
  serviceUrl: string,
  bearer: Bearer,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<Ticket> {
  const url = `${serviceUrl.replace(/\/+$/, "")}/api/attach`;
  const init = { method: "POST", headers: JSON_TYPE, body: encode(attachOf(request)) };
  try {
    return await within(ATTACH_WITHIN_MS, signal, async (inner) => {
      const response = await bearer.send(url, { ...init, signal: inner });
      const [message] = decodeAll(`[${await response.text()}]`);
      if (message?.type !== "attached") throw new EyeError("service_failed");
      return ticketOf(message, serviceUrl);
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof EyeError ? cause : new EyeError("unreachable", { cause });
  }
}

const JSON_TYPE = { "Content-Type": "application/json" };
const JPEG_TYPE = { "Content-Type": "image/jpeg" };

class RestTransport implements Transport {
  readonly rung = "rest";
  readonly done: Promise<void>;
  #finish: () => void = () => undefined;
  #inFlight = 0;
  /** Messages go one after the other: a pause must not overtake its resume. */
  #said: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();
  readonly #heartbeat: Heartbeat;
  readonly #pictures: PictureLoop;

  constructor(
    private readonly resource: string,
    private readonly bearer: Bearer,
    private readonly request: OpenRequest,
    environment: RestEnvironment,
  ) {
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const wiring = {
      openGrabber: environment.openGrabber,
      room: () => this.#inFlight < PICTURES_AT_ONCE,
      send: (jpeg: Blob) => void this.#sendPicture(jpeg),
    };
    this.#pictures = new PictureLoop(wiring, request.maxFps);
    this.#pictures.show(request.track);
    this.#heartbeat = new Heartbeat({
      ping: (t) => this.send({ type: "ping", t }),
      silent: () => this.close(),
      changed: request.changed,
      now: environment.now,
    });
  }

  get troubled(): boolean {
    return this.#heartbeat.troubled;
  }

  get roundTripMs(): number | null {
    return this.#heartbeat.roundTripMs;
  }

  send(message: Outgoing): boolean {
    if (this.#closing.signal.aborted) return false;
    const body = encode(message);
    this.#said = this.#said.then(() => this.#post("messages", JSON_TYPE, body));
    return true;
  }

  async publish(track: MediaStreamTrack | null): Promise<void> {
    this.#pictures.show(track);
  }

  check(): void {
    this.#heartbeat.ask();
  }

  close(): void {
    this.#closing.abort(new DOMException("the connection is closed", "AbortError"));
    this.#pictures.stop();
    this.#heartbeat.stop();
    this.#finish();
  }

  async #sendPicture(jpeg: Blob): Promise<void> {
    this.#inFlight += 1;
    await this.#post("frames", JPEG_TYPE, jpeg);
    this.#inFlight -= 1;
  }

  /** Never rejects: what fails for good closes the connection. */
  async #post(path: string, headers: HeadersInit, body: BodyInit): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    try {
      const text = await within(ANSWER_WITHIN_MS, signal, async (inner) => {
        const init = { method: "POST", headers, body, signal: inner };
        const response = await this.bearer.send(`${this.resource}/${path}`, init);
        return response.text();
      });
      this.#hear(text);
    } catch (cause) {
      if (!PASSING.has(eyeError(cause).reason)) this.close();
    }
  }

  #hear(text: string): void {
    // what was on its way when the connection was closed is nobody's any more
    if (this.#closing.signal.aborted) return;
    this.#heartbeat.heard();
    for (const message of decodeAll(text)) {
      if (message.type === "advice") this.#pictures.obey(message);
      if (message.type === "pong") this.#heartbeat.pong(message.t);
      else if (message.type !== "attached") this.request.heard(message);
    }
  }
}
