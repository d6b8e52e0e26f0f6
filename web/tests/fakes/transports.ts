/** Connections that tests open, feed and break by hand. */

import type { Outgoing } from "../../src/lib/messages.js";
import type { Rung } from "../../src/lib/state.js";
import type {
  OpenRequest,
  OpenTransport,
  SessionMessage,
  Transport,
} from "../../src/lib/transport.js";
import { unlessAborted } from "../../src/lib/waiting.js";
import type { Ticket } from "../../src/lib/whip.js";

export const TICKET: Ticket = {
  sessionId: "6f0c8f5e-5d0b-4d0a-9a35-6c1a9d0f3b71",
  resumeToken: "resume-1",
  resource: "https://eyes.example.org/whip/s3cret",
};

export class FakeTransport implements Transport {
  rung: Rung = "direct";
  readonly roundTripMs = 12;
  readonly done: Promise<void>;
  closed = false;
  troubled = false;
  checks = 0;
  readonly sent: Outgoing[] = [];
  readonly published: (MediaStreamTrack | null)[] = [];
  #finish: () => void = () => undefined;

  constructor(private readonly request: OpenRequest) {
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** What follows the state that is declared on every connection. */
  get saidLater(): Outgoing[] {
    const declared = this.sent.findIndex(({ type }) => type === "resume" || type === "pause");
    return this.sent.slice(declared + 1);
  }

  get sentTypes(): string[] {
    return this.sent.map(({ type }) => type);
  }

  say(message: SessionMessage): void {
    this.request.heard(message);
  }

  /** Nothing comes back any more, or something again. */
  trouble(is: boolean): void {
    this.troubled = is;
    this.request.changed();
  }

  moveTo(rung: Rung): void {
    this.rung = rung;
    this.request.changed();
  }

  check(): void {
    this.checks += 1;
  }

  breakDown(): void {
    this.close();
  }

  send(message: Outgoing): boolean {
    if (this.closed) return false;
    this.sent.push(message);
    return true;
  }

  async publish(track: MediaStreamTrack | null): Promise<void> {
    this.published.push(track);
  }

  close(): void {
    this.closed = true;
    this.#finish();
  }
}

/** Opens one connection after the other; each attempt may be told to fail first. */
export class FakeNetwork {
  readonly requests: OpenRequest[] = [];
  readonly transports: FakeTransport[] = [];
  readonly failures: Error[] = [];
  /** Of the next connections; direct where none is said. */
  readonly rungs: Rung[] = [];
  /** Whether the service takes a session whose connection then fails. */
  admitsBeforeFailing = false;
  /** What the next connections wait for, once they are admitted. */
  gate: Promise<void> = Promise.resolve();

  readonly open: OpenTransport = async (request, signal) => {
    signal.throwIfAborted();
    this.requests.push(request);
    const failure = this.failures.shift();
    if (!failure || this.admitsBeforeFailing) request.admitted(TICKET);
    if (failure) throw failure;
    await unlessAborted(this.gate, signal);
    const transport = new FakeTransport(request);
    transport.rung = this.rungs.shift() ?? transport.rung;
    this.transports.push(transport);
    return transport;
  };

  get latest(): FakeTransport {
    const transport = this.transports.at(-1);
    if (!transport) throw new Error("nothing is connected");
    return transport;
  }
}
