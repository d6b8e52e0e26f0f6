/** Tracks, streams and cameras without a camera. */

import type { Camera } from "../../src/lib/camera.js";
import type { EyeError } from "../../src/lib/errors.js";

export class FakeTrack extends EventTarget {
  readonly kind = "video";
  readyState: MediaStreamTrackState = "live";
  muted = false;
  readonly constraints: MediaTrackConstraints[] = [];

  stop(): void {
    this.readyState = "ended"; // without an event, as the specification has it
  }

  /** What a shut cover does, and another program that takes the camera. */
  mute(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  /** What a pulled plug does. */
  unplug(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.constraints.push(constraints);
  }
}

export function asTrack(track: FakeTrack): MediaStreamTrack {
  return track as unknown as MediaStreamTrack;
}

export function streamOf(...tracks: FakeTrack[]): MediaStream {
  return { getTracks: () => tracks, getVideoTracks: () => tracks } as unknown as MediaStream;
}

/** A camera that opens at once, or fails once with `failure`. */
export class FakeCamera implements Camera {
  stream: MediaStream | null = null;
  track: FakeTrack | null = null;
  failure: EyeError | null = null;
  opened = 0;
  readonly limits: number[] = [];
  readonly chosen: string[] = [];

  async open(signal: AbortSignal): Promise<MediaStreamTrack> {
    signal.throwIfAborted();
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure;
    this.opened += 1;
    this.track = new FakeTrack();
    this.stream = streamOf(this.track);
    return asTrack(this.track);
  }

  choose(deviceId: string): void {
    this.chosen.push(deviceId);
  }

  async limit(fps: number): Promise<void> {
    this.limits.push(fps);
  }

  close(): void {
    this.track?.stop();
    this.stream = null;
  }
}
