/** Pings, and notices when nothing comes back: WebRTC alone takes half a minute to say so. */

export interface HeartbeatTimes {
  readonly intervalMs: number;
  /** Silence for so long is looked into, and means trouble when the ping brings no word as long. */
  readonly worryMs: number;
  /** Silence for so long means that the other side is gone. */
  readonly timeoutMs: number;
}

export const HEARTBEAT: HeartbeatTimes = { intervalMs: 2_000, worryMs: 1_000, timeoutMs: 6_000 };

const LOOK_MS = 500;
/** On a slow way, an answer may take so many times the last round trip. */
const SLOW = 3;

interface Wiring {
  /** Sends a ping that carries `t`. */
  readonly ping: (t: number) => void;
  readonly silent: () => void;
  /** {@link Heartbeat.troubled} has changed. */
  readonly changed: () => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class Heartbeat {
  /** The last round trip in milliseconds; null before the first pong. */
  roundTripMs: number | null = null;
  /** A ping brought no word for too long; any word ends it. */
  troubled = false;
  #heardAt: number;
  #pingedAt: number;
  /** When the first ping went out that nothing has followed. */
  #askedAt: number | null = null;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly wiring: Wiring,
    private readonly times: HeartbeatTimes = HEARTBEAT,
  ) {
    this.#heardAt = this.#pingedAt = wiring.now();
    this.ask();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Anything at all arrived. */
  heard(): void {
    this.#heardAt = this.wiring.now();
    this.#askedAt = null;
    this.#trouble(false);
  }

  /** The pong to the ping that carried `t`. */
  pong(t: number): void {
    this.roundTripMs = Math.max(0, this.wiring.now() - t);
  }

  /** Pings at once: there is a reason to doubt. */
  ask(): void {
    this.#pingedAt = this.wiring.now();
    this.#askedAt ??= this.#pingedAt;
    this.wiring.ping(this.#pingedAt);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = this.wiring.now();
    const { intervalMs, timeoutMs, worryMs } = this.times;
    const silence = now - this.#heardAt;
    // a page that slept, timers and all, asks first and judges later
    const asked = this.#askedAt === null ? 0 : now - this.#askedAt;
    if (silence >= timeoutMs && asked >= intervalMs) {
      this.stop();
      this.wiring.silent();
      return;
    }
    if (asked >= Math.max(worryMs, SLOW * (this.roundTripMs ?? 0))) this.#trouble(true);
    const doubts = this.#askedAt === null && silence >= worryMs;
    if (doubts || now - this.#pingedAt >= intervalMs) this.ask();
  }

  #trouble(is: boolean): void {
    if (this.troubled === is) return;
    this.troubled = is;
    this.wiring.changed();
  }
}
