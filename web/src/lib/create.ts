/** Puts a session together. */

import { Bearer } from "./bearer.js";
import { type Camera, DeviceCamera, GivenCamera } from "./camera.js";
import { Connector } from "./connector.js";
import { browserEnvironment, type Environment } from "./environment.js";
import { ladder, TO_PICTURES, TO_REST } from "./ladder.js";
import type { EyeSessionOptions } from "./options.js";
import { rest } from "./rest.js";
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
  const { serviceUrl } = options;
  const bearer = new Bearer(environment.fetch, options.token);
  const whip = new WhipClient(serviceUrl, bearer);
  const maxFps = options.maxFps ?? MAX_FPS;
  const best = webRtc(whip, environment);
  const socket = webSocket(serviceUrl, bearer, environment);
  const pictures = ladder(socket, rest(serviceUrl, bearer, environment), TO_REST);
  const open = ladder(best, pictures, TO_PICTURES);
  const session = new EyeSession({
    camera: cameraOf(options, environment, maxFps),
    connector: (trying) => new Connector({ open, best, trying, environment }),
    release: (ticket) => whip.release(ticket),
    beacon: environment.beacon,
    ids: { userId: options.userId, moduleId: options.moduleId, sectionId: options.sectionId },
    maxFps,
    consent: options.consent,
    preview: options.video,
    visibility: options.visibility,
    cameraCheck: options.cameraCheck ?? false,
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
