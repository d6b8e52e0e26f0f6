/** The upper rungs of the ladder: a peer connection, with its pictures and its two channels. */

import type { Environment } from "./environment.js";
import { EyeError } from "./errors.js";
import { gathered } from "./gathering.js";
import { Heartbeat } from "./heartbeat.js";
import type { AdviceMessage } from "./messages.gen.js";
import { decode, encode, type Outgoing } from "./messages.js";
import { rungOf } from "./rung.js";
import type { Rung } from "./state.js";
import type { OpenRequest, OpenTransport, Transport } from "./transport.js";
import { unlessAborted, within } from "./waiting.js";
import type { WhipClient } from "./whip.js";

/** From the answer to open channels. ICE needs a second or two where it can work at all. */
const CONNECT_WITHIN_MS = 10_000;
const MAX_BITRATE = 1_500_000;
/** What the service decodes, best first, and retransmission. */
const CODECS = ["video/vp8", "video/h264", "video/rtx"];

type PeerEnvironment = Pick<Environment, "createPeer" | "codecs" | "now">;

/** What a peer may use of the ICE servers that the service gives. */
export type ChooseIce = (iceServers: RTCIceServer[]) => RTCConfiguration;

const useAll: ChooseIce = (iceServers) => ({ iceServers });

/** What is left of the descriptions on their way. */
export interface ShapeSdp {
  offer(sdp: string): string;
  answer(sdp: string): string;
}

export const AS_IT_IS: ShapeSdp = { offer: (sdp) => sdp, answer: (sdp) => sdp };

export function webRtc(
  whip: WhipClient,
  environment: PeerEnvironment,
  choose: ChooseIce = useAll,
  shape: ShapeSdp = AS_IT_IS,
): OpenTransport {
  return async (request, signal) => {
    const configuration = choose(await whip.iceServers(signal));
    const transport = new WebRtcTransport(peerOf(environment, configuration), request, environment);
    try {
      await transport.open(whip, signal, shape);
      return transport;
    } catch (error) {
      transport.close();
      throw error;
    }
  };
}

function peerOf(environment: PeerEnvironment, configuration: RTCConfiguration): RTCPeerConnection {
  try {
    return environment.createPeer({ ...configuration, bundlePolicy: "max-bundle" });
  } catch (cause) {
    throw new EyeError("unsupported", { cause });
  }
}

class WebRtcTransport implements Transport {
  rung: Rung = "direct";
  readonly done: Promise<void>;
  #finish: () => void = () => undefined;
  #heartbeat: Heartbeat | null = null;
  readonly #sender: RTCRtpSender;
  readonly #control: RTCDataChannel;
  readonly #closing = new AbortController();

  constructor(
    private readonly peer: RTCPeerConnection,
    private readonly request: OpenRequest,
    private readonly environment: PeerEnvironment,
  ) {
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#sender = this.#addVideo();
    this.#listen(peer.createDataChannel("metrics", { ordered: false, maxRetransmits: 2 }));
    this.#control = peer.createDataChannel("control");
    this.#listen(this.#control);
    const { signal } = this.#closing;
    this.#control.addEventListener("close", () => this.close(), { signal });
    peer.addEventListener("connectionstatechange", () => this.#watch(), { signal });
  }

  get troubled(): boolean {
    return this.#heartbeat?.troubled === true || this.peer.connectionState === "disconnected";
  }

  get roundTripMs(): number | null {
    return this.#heartbeat?.roundTripMs ?? null;
  }

  async open(whip: WhipClient, signal: AbortSignal, shape: ShapeSdp): Promise<void> {
    const { ids, ticket, admitted } = this.request;
    await this.peer.setLocalDescription(await this.peer.createOffer());
    await unlessAborted(gathered(this.peer), signal);
    const offer = shape.offer(this.peer.localDescription?.sdp ?? "");
    const admission = await whip.offer(offer, ids, ticket, signal);
    admitted(admission.ticket);
    await this.#connect(shape.answer(admission.answer), signal);
    this.rung = rungOf(await this.peer.getStats());
    this.#heartbeat = new Heartbeat({
      ping: (t) => this.#ping(t),
      silent: () => this.close(),
      changed: this.request.changed,
      now: this.environment.now,
    });
    this.#followRung();
  }

  send(message: Outgoing): boolean {
    if (this.#control.readyState !== "open") return false;
    this.#control.send(encode(message));
    return true;
  }

  publish(track: MediaStreamTrack | null): Promise<void> {
    return this.#sender.replaceTrack(track);
  }

  check(): void {
    this.#heartbeat?.ask();
  }

  close(): void {
    this.#closing.abort();
    this.#heartbeat?.stop();
    this.peer.close();
    this.#finish();
  }

  #addVideo(): RTCRtpSender {
    const { track, maxFps } = this.request;
    const transceiver = this.peer.addTransceiver(track ?? "video", {
      direction: "sendonly",
      sendEncodings: [{ maxFramerate: maxFps, maxBitrate: MAX_BITRATE }],
    });
    const known = this.environment.codecs().filter(({ mimeType }) => rank(mimeType) >= 0);
    // without a preference the browser offers all it has, which the service can take as well
    if (known.length > 0) transceiver.setCodecPreferences?.(known.sort(byRank));
    return transceiver.sender;
  }

  #listen(channel: RTCDataChannel): void {
    const hear = ({ data }: MessageEvent) => {
      this.#heartbeat?.heard();
      const message = decode(data);
      if (message?.type === "advice") void this.#obey(message);
      if (message?.type === "pong") this.#heartbeat?.pong(message.t);
      else if (message && message.type !== "attached") this.request.heard(message);
    };
    channel.addEventListener("message", hear, { signal: this.#closing.signal });
  }

  /** Voluntary: an encoder that cannot do it goes on as it was. */
  async #obey({ max_fps, scale_down_by }: AdviceMessage): Promise<void> {
    const parameters = this.#sender.getParameters();
    for (const encoding of parameters.encodings) {
      encoding.maxFramerate = max_fps;
      encoding.scaleResolutionDownBy = Math.max(1, scale_down_by);
    }
    await this.#sender.setParameters(parameters).catch(() => undefined);
  }

  async #connect(answer: string, signal: AbortSignal): Promise<void> {
    try {
      await within(CONNECT_WITHIN_MS, signal, async (inner) => {
        await this.peer.setRemoteDescription({ type: "answer", sdp: answer });
        await Promise.race([this.#opened(inner), this.done.then(fail)]);
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof EyeError ? cause : new EyeError("connection_failed", { cause });
    }
  }

  #opened(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#control.readyState === "open") return resolve();
      this.#control.addEventListener("open", () => resolve(), { once: true, signal });
    });
  }

  #watch(): void {
    const { connectionState } = this.peer;
    if (connectionState === "failed" || connectionState === "closed") this.close();
    else this.request.changed();
  }

  #ping(t: number): void {
    this.send({ type: "ping", t });
    void this.#lookAtRung(); // not every browser tells by itself
  }

  #followRung(): void {
    const ice = this.peer.sctp?.transport.iceTransport;
    const look = () => void this.#lookAtRung();
    ice?.addEventListener("selectedcandidatepairchange", look, { signal: this.#closing.signal });
  }

  async #lookAtRung(): Promise<void> {
    const stats = await this.peer.getStats().catch(() => null); // null: closed meanwhile
    const rung = stats ? rungOf(stats) : this.rung;
    if (rung === this.rung || this.#closing.signal.aborted) return;
    this.rung = rung;
    this.request.changed();
  }
}

function fail(): never {
  throw new EyeError("connection_failed");
}

function rank(mimeType: string): number {
  return CODECS.indexOf(mimeType.toLowerCase());
}

function byRank(a: { mimeType: string }, b: { mimeType: string }): number {
  return rank(a.mimeType) - rank(b.mimeType);
}
