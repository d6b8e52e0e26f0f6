/** A peer connection without a network: tests move its states and play the other side. */

class FakeChannel extends EventTarget {
  readyState: RTCDataChannelState = "connecting";
  readonly sent: string[] = [];

  constructor(
    readonly label: string,
    readonly options: RTCDataChannelInit | undefined,
  ) {
    super();
  }

  send(text: string): void {
    this.sent.push(text);
  }

  open(): void {
    this.readyState = "open";
    this.dispatchEvent(new Event("open"));
  }

  receive(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  shut(): void {
    this.readyState = "closed";
    this.dispatchEvent(new Event("close"));
  }
}

class FakeSender {
  readonly tracks: (MediaStreamTrack | null)[] = [];
  parameters: RTCRtpSendParameters;

  constructor(encodings: RTCRtpEncodingParameters[]) {
    this.parameters = { encodings, transactionId: "1", codecs: [], headerExtensions: [], rtcp: {} };
  }

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    this.tracks.push(track);
  }

  getParameters(): RTCRtpSendParameters {
    return structuredClone(this.parameters);
  }

  async setParameters(parameters: RTCRtpSendParameters): Promise<void> {
    this.parameters = parameters;
  }
}

export class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  readonly iceGatheringState = "complete";
  localDescription: RTCSessionDescriptionInit | null = null;
  answer: RTCSessionDescriptionInit | null = null;
  readonly channels = new Map<string, FakeChannel>();
  readonly transceivers: { kind: unknown; init: RTCRtpTransceiverInit | undefined }[] = [];
  codecs: readonly { mimeType: string }[] = [];
  sender = new FakeSender([]);
  closed = false;
  stats = new Map<string, object>();
  readonly iceTransport = new EventTarget();
  readonly sctp = { transport: { iceTransport: this.iceTransport } };

  constructor(readonly configuration: RTCConfiguration) {
    super();
  }

  createDataChannel(label: string, options?: RTCDataChannelInit): FakeChannel {
    const channel = new FakeChannel(label, options);
    this.channels.set(label, channel);
    return channel;
  }

  addTransceiver(kind: unknown, init?: RTCRtpTransceiverInit) {
    this.transceivers.push({ kind, init });
    this.sender = new FakeSender(init?.sendEncodings ?? []);
    const setCodecPreferences = (codecs: readonly { mimeType: string }[]) => {
      this.codecs = codecs;
    };
    return { sender: this.sender, setCodecPreferences };
  }

  async createOffer(): Promise<RTCSessionDescriptionInit> {
    return { type: "offer", sdp: "v=0 offer" };
  }

  async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.answer = description;
  }

  async getStats(): Promise<RTCStatsReport> {
    if (this.closed) throw new DOMException("closed", "InvalidStateError");
    return this.stats as unknown as RTCStatsReport;
  }

  /** Selects a pair with this local candidate; whether that is told depends on the browser. */
  select(local: object, told = true): void {
    this.stats = new Map<string, object>([
      ["L", { type: "local-candidate", ...local }],
      ["P", { type: "candidate-pair", localCandidateId: "L" }],
      ["T", { type: "transport", selectedCandidatePairId: "P" }],
    ]);
    if (told) this.iceTransport.dispatchEvent(new Event("selectedcandidatepairchange"));
  }

  close(): void {
    this.closed = true;
  }

  turn(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  channel(label: string): FakeChannel {
    const channel = this.channels.get(label);
    if (!channel) throw new Error(`there is no channel ${label}`);
    return channel;
  }
}
