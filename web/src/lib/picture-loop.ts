/** Sends pictures at a steady rate, and drops the ones for which there is no room. */

import type { Grabber, OpenGrabber } from "./frames.js";
import type { AdviceMessage } from "./messages.gen.js";

interface Wiring {
  readonly openGrabber: OpenGrabber;
  /** False while earlier pictures still wait to leave: this one is then not taken at all. */
  readonly room: () => boolean;
  readonly send: (jpeg: Blob) => void;
}

export class PictureLoop {
  #scaleDownBy = 1;
  #fps: number;
  #track: MediaStreamTrack | null = null;
  #grabber: Grabber | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #grabbing = false;

  constructor(
    private readonly wiring: Wiring,
    maxFps: number,
  ) {
    this.#fps = maxFps;
  }

  /** Pictures of this track from now on, or none. */
  show(track: MediaStreamTrack | null): void {
    if (track !== null && track === this.#track) return;
    this.stop();
    this.#track = track;
    if (track === null) return;
    this.#grabber = this.wiring.openGrabber(track);
    this.#start();
  }

  obey({ max_fps, scale_down_by }: AdviceMessage): void {
    this.#scaleDownBy = scale_down_by;
    if (this.#fps === max_fps) return;
    this.#fps = max_fps;
    if (this.#timer !== undefined) this.#start();
  }

  stop(): void {
    this.#track = null;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#grabber?.close();
    this.#grabber = null;
  }

  #start(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#take(), 1000 / this.#fps);
  }

  async #take(): Promise<void> {
    const grabber = this.#grabber;
    if (grabber === null || this.#grabbing || !this.wiring.room()) return;
    this.#grabbing = true;
    try {
      const jpeg = await grabber.grab(this.#scaleDownBy);
      if (jpeg && grabber === this.#grabber) this.wiring.send(jpeg);
    } finally {
      this.#grabbing = false;
    }
  }
}
