/** Single pictures of a track: the one file of the library that needs a document. */

const QUALITY = 0.75;
const MAX_WIDTH = 640;

export interface Grabber {
  /** The present picture as a JPEG, `scaleDownBy` times smaller; null while there is none. */
  grab(scaleDownBy: number): Promise<Blob | null>;
  close(): void;
}

export type OpenGrabber = (track: MediaStreamTrack) => Grabber;

export class VideoGrabber implements Grabber {
  readonly #video = document.createElement("video");
  readonly #canvas = document.createElement("canvas");

  constructor(track: MediaStreamTrack) {
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = new MediaStream([track]);
    // refused only where playing needs a gesture, which a muted video does not
    void this.#video.play().catch(() => undefined);
  }

  async grab(scaleDownBy: number): Promise<Blob | null> {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0 || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)
      return null;
    const scale = Math.min(1, MAX_WIDTH / videoWidth) / Math.max(1, scaleDownBy);
    this.#resize(Math.round(videoWidth * scale), Math.round(videoHeight * scale));
    const context = this.#canvas.getContext("2d", { alpha: false });
    context?.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    return new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  close(): void {
    this.#video.srcObject = null;
  }

  /** Setting a size clears the canvas and allocates anew, so only where it has changed. */
  #resize(width: number, height: number): void {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
  }
}
