/** What a page says when it starts a session. */

import type { TokenSource } from "./bearer.js";
import type { Environment } from "./environment.js";
import type { Ids } from "./whip.js";

/** A `<video>` element, or anything else that shows a stream. */
export interface Preview {
  srcObject: MediaProvider | null;
}

/** Whether the student can see the page; `document` knows, the library does not ask it. */
export interface VisibilitySource {
  readonly state: "visible" | "hidden";
  subscribe(listener: () => void, signal: AbortSignal): void;
}

export interface EyeSessionOptions extends Ids {
  /** Where the service answers: `https://eyes.example.org`. */
  readonly serviceUrl: string;
  readonly token?: TokenSource | undefined;
  /** Shows what the camera sees. */
  readonly video?: Preview | undefined;
  /** The page's own pictures instead of a camera that the session opens. */
  readonly stream?: MediaStream | undefined;
  readonly track?: MediaStreamTrack | undefined;
  readonly deviceId?: string | undefined;
  /** Pictures a second, at most. */
  readonly maxFps?: number | undefined;
  /** The version of the text that the student agreed to. */
  readonly consent?: string | undefined;
  readonly visibility?: VisibilitySource | undefined;
  /** Begins in the state `checking`, until `begin()`: see `CameraCheck`. */
  readonly cameraCheck?: boolean | undefined;
  /** Aborting it stops the session, summary included. */
  readonly signal?: AbortSignal | undefined;
  readonly environment?: Partial<Environment> | undefined;
}
