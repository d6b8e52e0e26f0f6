const WIDTH = 32;
const HEIGHT = 24;

/** How bright what the camera shows is as a whole, read from its preview. */
export class LightMeter {
  readonly #canvas = document.createElement("canvas").getContext("2d", {
    willReadFrequently: true,
  });

  /** 0–1, by the weights of ITU-R BT.709; null where the video shows nothing. */
  read(video: HTMLVideoElement): number | null {
    const canvas = this.#canvas;
    if (!canvas || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    canvas.drawImage(video, 0, 0, WIDTH, HEIGHT);
    const { data } = canvas.getImageData(0, 0, WIDTH, HEIGHT);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) {
      sum += 0.2126 * (data[i] ?? 0) + 0.7152 * (data[i + 1] ?? 0) + 0.0722 * (data[i + 2] ?? 0);
    }
    return sum / (WIDTH * HEIGHT * 255);
  }
}
