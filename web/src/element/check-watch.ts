/** Follows the check of the camera, and begins the session when it may. */

import { CameraCheck, type CheckReport, type EyeSession } from "../lib/index.js";
import { LightMeter } from "./light.js";

/** Light changes slowly, and reading a picture back costs. */
const LIGHT_EVERY_MS = 400;

export class CheckWatch {
  readonly #check = new CameraCheck();
  readonly #light = new LightMeter();
  #brightness: number | null = null;
  #readAt = -LIGHT_EVERY_MS;
  #scale = 1;
  /** While it is set the session does not begin by itself: the student is busy. */
  held = false;

  /** `shown` gets each report; it ends with the check, or with `signal`. */
  constructor(
    session: EyeSession,
    private readonly video: HTMLVideoElement,
    shown: (report: CheckReport) => void,
    signal?: AbortSignal,
  ) {
    const options = signal ? { signal } : {};
    session.on(
      "advice",
      ({ scale_down_by }) => {
        this.#scale = scale_down_by;
      },
      options,
    );
    session.on(
      "metrics",
      (metrics) => {
        if (session.state.name !== "checking") return;
        const now = performance.now();
        shown(this.#check.take({ metrics, brightness: this.#see(now), width: this.#width() }, now));
        if (!this.held && this.#check.mayBegin(now)) session.begin();
      },
      options,
    );
  }

  #see(now: number): number | null {
    if (now - this.#readAt < LIGHT_EVERY_MS) return this.#brightness;
    this.#readAt = now;
    this.#brightness = this.#light.read(this.video);
    return this.#brightness;
  }

  #width(): number | null {
    const { videoWidth } = this.video;
    return videoWidth > 0 ? videoWidth / this.#scale : null;
  }
}
