/** Puts a session together. */

import { Bearer } from "./bearer.js";
import { type Camera, DeviceCamera, GivenCamera } from "./camera.js";
import { Connector } from "./connector.js";
import { browserEnvironment, type Environment } from "./environment.js";
import { ladder } from "./ladder.js";
import type { EyeSessionOptions } from "./options.js";
import { EyeSession } from "./session.js";
import { webRtc } from "./webrtc.js";
import { webSocket } from "./websocket.js";
import { WhipClient } from "./whip.js";

const MAX_FPS = 10;

/**
 * Starts a session: opens the camera, connects, measures, and goes on until it is stopped.
 * Add listeners at once; nothing happens before the present task is over.
 */
export function createEyeSession(options: EyeSessionOptions): EyeSession {
  const environment: Environment = { ...browserEnvironment(), ...options.environment };
  const whip = new WhipClient(options.serviceUrl, new Bearer(environment.fetch, options.token));
  const maxFps = options.maxFps ?? MAX_FPS;
  const open = ladder(webRtc(whip, environment), webSocket(options.serviceUrl, environment));
  const session = new EyeSession({
    camera: cameraOf(options, environment, maxFps),
    connector: (trying) => new Connector({ open, trying, environment }),
    release: (ticket) => whip.release(ticket),
    beacon: environment.beacon,
    ids: { userId: options.userId, moduleId: options.moduleId, sectionId: options.sectionId },
    maxFps,
    consent: options.consent,
    preview: options.video,
    visibility: options.visibility,
  });
  stopWith(options.signal, session);
  return session;
}

function cameraOf(options: EyeSessionOptions, environment: Environment, maxFps: number): Camera {
  if (options.stream) return new GivenCamera(options.stream);
  if (options.track) return new GivenCamera(new MediaStream([options.track]));
  return new DeviceCamera(environment, maxFps, options.deviceId);
}

function stopWith(signal: AbortSignal | undefined, session: EyeSession): void {
  if (signal?.aborted) void session.stop();
  signal?.addEventListener("abort", () => void session.stop(), { once: true });
}
