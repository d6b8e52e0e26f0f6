/** The rung below WebRTC: JPEGs and messages over one WebSocket. */

import type { Bearer } from "./bearer.js";
import type { Environment } from "./environment.js";
import { EyeError, tokenReason } from "./errors.js";
import { Heartbeat } from "./heartbeat.js";
import type { AttachedMessage } from "./messages.gen.js";
import { decode, encode, type Outgoing } from "./messages.js";
import { PictureLoop } from "./picture-loop.js";
import { attachOf, ticketOf } from "./ticket.js";
import type { OpenRequest, OpenTransport, SessionMessage, Transport } from "./transport.js";
import { within } from "./waiting.js";
import type { Ticket } from "./whip.js";

const ATTACH_WITHIN_MS = 8_000;
/** About two pictures: what waits longer than that is too old to be measured. */
const WAITING_BYTES = 60_000;

type SocketEnvironment = Pick<Environment, "createSocket" | "openGrabber" | "now">;

export function webSocket(
  serviceUrl: string,
  bearer: Pick<Bearer, "token">,
  environment: SocketEnvironment,
): OpenTransport {
  return async (request, signal) => {
    const token = await bearer.token();
    signal.throwIfAborted();
    const url = `${serviceUrl.replace(/\/+$/, "").replace(/^http/, "ws")}/ws/frames`;
    const socket = socketAt(url, environment);
    const transport = new WebSocketTransport(socket, request, token, environment);
    try {
      await within(ATTACH_WITHIN_MS, signal, () => transport.attached);
      request.admitted(transport.ticketAt(serviceUrl));
      transport.start();
      return transport;
    } catch (cause) {
      transport.close();
      signal.throwIfAborted();
      throw cause instanceof EyeError ? cause : new EyeError("unreachable", { cause });
    }
  };
}

function socketAt(url: string, environment: SocketEnvironment): WebSocket {
  try {
    return environment.createSocket(url);
  } catch (cause) {
    throw new EyeError("unsupported", { cause });
  }
}

class WebSocketTransport implements Transport {
  readonly rung = "websocket";
  readonly done: Promise<void>;
  readonly attached: Promise<void>;
  #attachment: AttachedMessage | null = null;
  #finish: () => void = () => undefined;
  #accept: () => void = () => undefined;
  #refuse: (error: EyeError) => void = () => undefined;
  #heartbeat: Heartbeat | null = null;
  readonly #pictures: PictureLoop;

  constructor(
    private readonly socket: WebSocket,
    private readonly request: OpenRequest,
    token: string | undefined,
    private readonly environment: SocketEnvironment,
  ) {
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.attached = new Promise((resolve, reject) => {
      this.#accept = resolve;
      this.#refuse = reject;
    });
    // whoever waits hears of it; nobody may wait any more
    this.attached.catch(() => undefined);
    const wiring = {
      openGrabber: environment.openGrabber,
      room: () => socket.readyState === socket.OPEN && socket.bufferedAmount < WAITING_BYTES,
      send: (jpeg: Blob) => socket.send(jpeg),
    };
    this.#pictures = new PictureLoop(wiring, request.maxFps);
    socket.addEventListener("open", () => this.send(attachOf(request, token)));
    socket.addEventListener("message", ({ data }) => this.#hear(data));
    socket.addEventListener("close", () => this.close());
  }

  get troubled(): boolean {
    return this.#heartbeat?.troubled ?? false;
  }

  get roundTripMs(): number | null {
    return this.#heartbeat?.roundTripMs ?? null;
  }

  /** Throws before `attached` has settled. */
  ticketAt(serviceUrl: string): Ticket {
    if (this.#attachment === null) throw new EyeError("service_failed");
    return ticketOf(this.#attachment, serviceUrl);
  }

  start(): void {
    this.#pictures.show(this.request.track);
    this.#heartbeat = new Heartbeat({
      ping: (t) => this.send({ type: "ping", t }),
      silent: () => this.close(),
      changed: this.request.changed,
      now: this.environment.now,
    });
  }

  send(message: Outgoing): boolean {
    if (this.socket.readyState !== this.socket.OPEN) return false;
    this.socket.send(encode(message));
    return true;
  }

  async publish(track: MediaStreamTrack | null): Promise<void> {
    this.#pictures.show(track);
  }

  check(): void {
    this.#heartbeat?.ask();
  }

  close(): void {
    this.#pictures.stop();
    this.#heartbeat?.stop();
    this.socket.close();
    this.#refuse(new EyeError("unreachable"));
    this.#finish();
  }

  #hear(data: unknown): void {
    this.#heartbeat?.heard();
    const message = decode(data);
    if (message?.type === "advice") this.#pictures.obey(message);
    if (message?.type === "pong") this.#heartbeat?.pong(message.t);
    else if (message?.type === "attached") this.#settle(message);
    else if (message) this.#take(message);
  }

  #take(message: SessionMessage): void {
    if (this.#attachment === null && message.type === "notice") this.#deny(message.code);
    else this.request.heard(message);
  }

  #settle(message: AttachedMessage): void {
    this.#attachment = message;
    this.#accept();
  }

  /** What comes instead of `attached`: why there is no session. */
  #deny(code: string): void {
    this.#refuse(new EyeError(reasonOf(code), { code }));
    this.close();
  }
}

function reasonOf(code: string) {
  if (code.startsWith("token_")) return tokenReason(code);
  if (code.startsWith("session_") || code === "stale_epoch") return "session_gone";
  return code === "overloaded" ? "overloaded" : "refused";
}
