import { type OpenGrabber, VideoGrabber } from "./frames.js";

/** What the library takes from the browser, in one place: tests hand in their own. */
export interface Environment {
  readonly fetch: typeof fetch;
  readonly createPeer: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly createSocket: (url: string) => WebSocket;
  readonly openGrabber: OpenGrabber;
  /** Video codecs that the browser knows, in its own order. */
  readonly codecs: () => RTCRtpCodec[];
  /** Undefined on pages that are not secure. */
  readonly mediaDevices: MediaDevices | undefined;
  readonly secure: boolean;
  /** A POST that survives the page; false when the browser would not take it. */
  readonly beacon: (url: string) => boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** 0 ≤ random < 1 */
  readonly random: () => number;
}

export function browserEnvironment(): Environment {
  return {
    fetch: (input, init) => fetch(input, init),
    createPeer: (configuration) => new RTCPeerConnection(configuration),
    createSocket: (url) => new WebSocket(url),
    openGrabber: (track) => new VideoGrabber(track),
    codecs: () => RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [],
    mediaDevices: navigator.mediaDevices,
    secure: isSecureContext,
    beacon: (url) => navigator.sendBeacon(url),
    now: () => performance.now(),
    random: Math.random,
  };
}
