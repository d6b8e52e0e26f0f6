/** Where the pictures come from: a camera that the session opens, or a track that the page has. */

import type { Environment } from "./environment.js";
import { cameraError, EyeError } from "./errors.js";
import { unlessAborted } from "./waiting.js";

export interface Camera {
  /** What a preview shows; null while closed. */
  readonly stream: MediaStream | null;
  /** A live video track. Throws an `EyeError`; may be called again after `close`. */
  open(signal: AbortSignal): Promise<MediaStreamTrack>;
  /** Another device, from the next `open` on. */
  choose(deviceId: string): void;
  /** Takes no more than so many pictures a second, where the camera can. */
  limit(fps: number): Promise<void>;
  /** Lets go of the camera, so that its light goes out. */
  close(): void;
}

/** A camera of this machine, opened by `getUserMedia`. */
export class DeviceCamera implements Camera {
  #stream: MediaStream | null = null;

  constructor(
    private readonly environment: Pick<Environment, "mediaDevices" | "secure">,
    private maxFps: number,
    private deviceId: string | undefined,
  ) {}

  get stream(): MediaStream | null {
    return this.#stream;
  }

  async open(signal: AbortSignal): Promise<MediaStreamTrack> {
    signal.throwIfAborted();
    this.close();
    const { mediaDevices, secure } = this.environment;
    if (!secure) throw new EyeError("insecure_page");
    if (!mediaDevices?.getUserMedia) throw new EyeError("unsupported");
    const asked = mediaDevices.getUserMedia(this.#constraints());
    // a permission prompt cannot be withdrawn: whatever comes of it later is let go again
    asked.then((stream) => signal.aborted && stop(stream)).catch(() => undefined);
    const stream = await unlessAborted(asked, signal).catch((cause) => {
      signal.throwIfAborted();
      throw cameraError(cause);
    });
    this.#stream = stream;
    return videoOf(stream);
  }

  choose(deviceId: string): void {
    this.deviceId = deviceId;
  }

  async limit(fps: number): Promise<void> {
    this.maxFps = fps;
    await this.#stream?.getVideoTracks()[0]?.applyConstraints(this.#video());
  }

  close(): void {
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
  }

  #constraints(): MediaStreamConstraints {
    return { audio: false, video: this.#video() };
  }

  #video(): MediaTrackConstraints {
    const size = { width: { ideal: 640 }, height: { ideal: 480 } };
    const device = this.deviceId === undefined ? {} : { deviceId: { exact: this.deviceId } };
    return {
      ...size,
      ...device,
      facingMode: "user",
      frameRate: { ideal: this.maxFps, max: this.maxFps },
    };
  }
}

/** A stream that the page made: it stays the page's, and is never stopped here. */
export class GivenCamera implements Camera {
  constructor(readonly stream: MediaStream) {}

  async open(): Promise<MediaStreamTrack> {
    const track = videoOf(this.stream);
    if (track.readyState === "ended") throw new EyeError("camera_lost");
    return track;
  }

  choose(): void {
    // the page chose already
  }

  async limit(): Promise<void> {
    // the page's own track: the sender drops what is too much
  }

  close(): void {
    // not ours to stop
  }
}

/** The cameras to choose from; their labels are empty until the student has allowed one. */
export async function listCameras(devices: MediaDevices | undefined): Promise<MediaDeviceInfo[]> {
  const all = (await devices?.enumerateDevices()) ?? [];
  return all.filter(({ kind }) => kind === "videoinput");
}

function videoOf(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getVideoTracks();
  if (!track) throw new EyeError("no_camera");
  return track;
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
