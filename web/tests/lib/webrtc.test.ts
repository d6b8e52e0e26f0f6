import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ServerMessage } from "../../src/lib/messages.gen.js";
import type { OpenRequest, Transport } from "../../src/lib/transport.js";
import { webRtc } from "../../src/lib/webrtc.js";
import type { Ticket, WhipClient } from "../../src/lib/whip.js";
import { asTrack, FakeTrack } from "../fakes/media.js";
import { FakePeer } from "../fakes/peer.js";
import { TICKET } from "../fakes/transports.js";

const SERVERS = [{ urls: "turn:turn.example.org", username: "u", credential: "c" }];
const never = new AbortController().signal;
const peers: FakePeer[] = [];
const heard: ServerMessage[] = [];
const admitted: Ticket[] = [];
const changes: number[] = [];

const whip = {
  iceServers: async () => SERVERS,
  offer: async () => ({ answer: "v=0 answer", ticket: TICKET }),
} as Partial<WhipClient> as WhipClient;

const request: OpenRequest = {
  ids: { userId: 7 },
  ticket: null,
  track: asTrack(new FakeTrack()),
  maxFps: 10,
  admitted: (ticket) => admitted.push(ticket),
  heard: (message) => heard.push(message),
  changed: () => void changes.push(peers.length),
};

const open = webRtc(whip, {
  createPeer: (configuration) => {
    const peer = new FakePeer(configuration);
    peers.push(peer);
    return peer as unknown as RTCPeerConnection;
  },
  codecs: () =>
    ["video/AV1", "video/H264", "video/rtx", "video/VP9", "video/VP8"].map((mimeType) => ({
      mimeType,
      clockRate: 90_000,
    })),
  now: () => performance.now(),
});

beforeEach(() => {
  vi.useFakeTimers();
  for (const list of [peers, heard, admitted, changes]) list.length = 0;
});

afterEach(() => void vi.useRealTimers());

function peer(): FakePeer {
  const [first] = peers;
  if (!first) throw new Error("no peer was made");
  return first;
}

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

async function opened(overrides: Partial<OpenRequest> = {}): Promise<Transport> {
  const transport = open({ ...request, ...overrides }, never);
  await settle();
  peer().channel("control").open();
  return transport;
}

test("the offer has one sending video line and both channels as the protocol has them", async () => {
  await opened();
  expect(peer().configuration.iceServers).toEqual(SERVERS);
  expect(peer().transceivers).toHaveLength(1);
  expect(peer().transceivers[0]?.init).toMatchObject({
    direction: "sendonly",
    sendEncodings: [{ maxFramerate: 10 }],
  });
  expect(peer().channel("metrics").options).toEqual({ ordered: false, maxRetransmits: 2 });
  expect(peer().channel("control").options).toBeUndefined();
  expect(peer().answer).toEqual({ type: "answer", sdp: "v=0 answer" });
  expect(admitted).toEqual([TICKET]);
});

test("VP8 comes first, and only what the service decodes is offered", async () => {
  await opened();
  expect(peer().codecs.map(({ mimeType }) => mimeType)).toEqual([
    "video/VP8",
    "video/H264",
    "video/rtx",
  ]);
});

test("a paused session connects without a track", async () => {
  await opened({ track: null });
  expect(peer().transceivers[0]?.kind).toBe("video");
});

test("messages of both channels are handed on, pongs and nonsense are not", async () => {
  await opened();
  peer().channel("control").receive('{"v":1,"type":"notice","code":"a","message":"b"}');
  peer()
    .channel("metrics")
    .receive('{"v":1,"type":"advice","max_fps":5,"scale_down_by":1,"reason":"c"}');
  peer().channel("control").receive('{"v":1,"type":"pong","t":1}');
  peer().channel("control").receive("nonsense");
  expect(heard.map(({ type }) => type)).toEqual(["notice", "advice"]);
});

test("pings go out on control, and silence closes the connection", async () => {
  const transport = await opened();
  const { done } = transport;
  await settle(5_000);
  expect(peer().closed).toBe(false);
  expect(
    peer()
      .channel("control")
      .sent.map((text) => JSON.parse(text).type),
  ).toEqual(["ping", "ping", "ping"]);
  await settle(1_500);
  expect(peer().closed).toBe(true);
  await done;
});

test("a pong gives the round trip", async () => {
  const transport = await opened();
  expect(transport.roundTripMs).toBeNull();
  await settle(2_000);
  const { t } = JSON.parse(peer().channel("control").sent.at(-1) ?? "{}");
  await settle(30);
  peer()
    .channel("control")
    .receive(JSON.stringify({ v: 1, type: "pong", t }));
  expect(transport.roundTripMs).toBeCloseTo(30, 0);
});

test("nothing is sent on a channel that is not open", async () => {
  const transport = await opened();
  peer().channel("control").readyState = "closing";
  expect(transport.send({ type: "bye" })).toBe(false);
});

test.each(["failed", "closed"] as const)("a peer that is %s is done", async (state) => {
  const transport = await opened();
  peer().turn(state);
  await transport.done;
});

test("a peer that is disconnected is in trouble, and may come back", async () => {
  const transport = await opened();
  peer().turn("disconnected");
  expect(transport.troubled).toBe(true);
  expect(changes).toHaveLength(1);
  peer().turn("connected");
  expect(transport.troubled).toBe(false);
  expect(changes).toHaveLength(2);
  expect(peer().closed).toBe(false);
});

test("a peer that does not answer is in trouble before it is given up", async () => {
  const transport = await opened();
  await settle(1_000);
  expect(transport.troubled).toBe(true);
  peer().channel("control").receive('{"v":1,"type":"pong","t":1}');
  expect(transport.troubled).toBe(false);
  expect(changes).toHaveLength(2);
});

test("a check asks at once", async () => {
  const transport = await opened();
  const before = peer().channel("control").sent.length;
  transport.check();
  expect(peer().channel("control").sent).toHaveLength(before + 1);
});

test("another selected pair is another rung, told by the browser or found", async () => {
  const transport = await opened();
  peer().select({ candidateType: "relay", relayProtocol: "tls" });
  await settle();
  expect(transport.rung).toBe("turn-tls");
  peer().select({ candidateType: "host" }, false);
  peer().channel("control").receive('{"v":1,"type":"pong","t":1}');
  await settle(2_000);
  expect(transport.rung).toBe("direct");
});

test("a closed peer has no rung to look at", async () => {
  const transport = await opened();
  transport.close();
  peer().select({ candidateType: "relay" });
  await settle();
  expect(transport.rung).toBe("direct");
});

test("a control channel that the service closes ends the connection", async () => {
  const transport = await opened();
  peer().channel("control").shut();
  await transport.done;
  expect(peer().closed).toBe(true);
});

test("advice changes rate and size of what is sent, and never makes it larger", async () => {
  await opened();
  const control = peer().channel("control");
  control.receive('{"v":1,"type":"advice","max_fps":5,"scale_down_by":1.5,"reason":"overload"}');
  expect(peer().sender.parameters.encodings).toMatchObject([
    { maxFramerate: 5, scaleResolutionDownBy: 1.5 },
  ]);
  control.receive('{"v":1,"type":"advice","max_fps":10,"scale_down_by":0.5,"reason":"recovered"}');
  expect(peer().sender.parameters.encodings).toMatchObject([
    { maxFramerate: 10, scaleResolutionDownBy: 1 },
  ]);
});

test("a connection that ICE does not find in ten seconds has failed, and is closed", async () => {
  const outcome = expect(open(request, never)).rejects.toMatchObject({
    reason: "connection_failed",
    retryable: true,
  });
  await settle(10_000);
  await outcome;
  expect(peer().closed).toBe(true);
  expect(admitted).toEqual([TICKET]);
});

test("a peer that fails while connecting does not wait for the timer", async () => {
  const outcome = expect(open(request, never)).rejects.toMatchObject({
    reason: "connection_failed",
  });
  await settle();
  peer().turn("failed");
  await outcome;
});

test("an abort closes the peer", async () => {
  const stop = new AbortController();
  const outcome = expect(open(request, stop.signal)).rejects.toThrow("enough");
  await settle();
  stop.abort(new Error("enough"));
  await outcome;
  expect(peer().closed).toBe(true);
});

test("a browser without peer connections is unsupported", async () => {
  const broken = webRtc(whip, {
    createPeer: () => {
      throw new ReferenceError("RTCPeerConnection is not defined");
    },
    codecs: () => [],
    now: () => 0,
  });
  await expect(broken(request, never)).rejects.toMatchObject({ reason: "unsupported" });
});
