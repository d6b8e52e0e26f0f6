/** Pings, and notices when nothing comes back: WebRTC alone takes half a minute to say so. */

export interface HeartbeatTimes {
  readonly intervalMs: number;
  /** Silence for so long means that the other side is gone. */
  readonly timeoutMs: number;
}

export const HEARTBEAT: HeartbeatTimes = { intervalMs: 2_000, timeoutMs: 6_000 };

interface Wiring {
  /** Sends a ping that carries `t`. */
  readonly ping: (t: number) => void;
  readonly silent: () => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class Heartbeat {
  /** The last round trip in milliseconds; null before the first pong. */
  roundTripMs: number | null = null;
  #heardAt: number;
  #asked = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly wiring: Wiring,
    private readonly times: HeartbeatTimes = HEARTBEAT,
  ) {
    this.#heardAt = wiring.now();
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), times.intervalMs);
  }

  /** Anything at all arrived. */
  heard(): void {
    this.#heardAt = this.wiring.now();
    this.#asked = false;
  }

  /** The pong to the ping that carried `t`. */
  pong(t: number): void {
    this.roundTripMs = Math.max(0, this.wiring.now() - t);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const now = this.wiring.now();
    // a page that slept, timers and all, asks first and judges at the next beat
    if (this.#asked && now - this.#heardAt >= this.times.timeoutMs) {
      this.stop();
      this.wiring.silent();
      return;
    }
    this.#asked = true;
    this.wiring.ping(now);
  }
}
