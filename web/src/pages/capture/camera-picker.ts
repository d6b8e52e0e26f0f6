/** Which camera, where there is a choice. */

import { type EyeSession, listCameras } from "../../lib/index.js";
import { element } from "../shared/page.js";

export class CameraPicker {
  readonly #host = element("picker", HTMLElement);
  readonly #select = element("cameras", HTMLSelectElement);

  constructor(
    private readonly session: EyeSession,
    signal: AbortSignal,
  ) {
    this.#select.addEventListener("change", () => void session.useCamera(this.#select.value), {
      signal,
    });
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#refresh(), {
      signal,
    });
    // labels are there as soon as a camera was allowed
    session.on("statechange", ({ name }) => name === "connecting" && void this.#refresh(), {
      signal,
    });
  }

  async #refresh(): Promise<void> {
    const cameras = await listCameras(navigator.mediaDevices);
    this.#host.hidden = cameras.length < 2;
    const current = this.session.stream?.getVideoTracks()[0]?.getSettings().deviceId;
    this.#select.replaceChildren(
      ...cameras.map(
        ({ deviceId, label }) => new Option(label, deviceId, false, deviceId === current),
      ),
    );
  }
}
