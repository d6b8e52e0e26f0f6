import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Grabber } from "../../src/lib/frames.js";
import type { OpenRequest, SessionMessage, Transport } from "../../src/lib/transport.js";
import { webSocket } from "../../src/lib/websocket.js";
import type { Ticket } from "../../src/lib/whip.js";
import { asTrack, FakeTrack } from "../fakes/media.js";
import { TICKET } from "../fakes/transports.js";

function fixture(name: string): string {
  return readFileSync(
    resolve(import.meta.dirname, `../../../tests/data/messages/${name}.json`),
    "utf8",
  );
}

const attached = JSON.parse(fixture("attached"));

class FakeSocket extends EventTarget {
  readonly OPEN = 1;
  readyState = 0;
  bufferedAmount = 0;
  readonly texts: Record<string, unknown>[] = [];
  readonly pictures: Blob[] = [];

  constructor(readonly url: string) {
    super();
  }

  send(data: string | Blob): void {
    if (typeof data === "string") this.texts.push(JSON.parse(data));
    else this.pictures.push(data);
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  open(): void {
    this.readyState = this.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  receive(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

class FakeGrabber implements Grabber {
  readonly scales: number[] = [];
  closed = false;

  async grab(scaleDownBy: number): Promise<Blob> {
    this.scales.push(scaleDownBy);
    return new Blob(["jpeg"], { type: "image/jpeg" });
  }

  close(): void {
    this.closed = true;
  }
}

const sockets: FakeSocket[] = [];
const grabbers: FakeGrabber[] = [];
const heard: SessionMessage[] = [];
const admitted: Ticket[] = [];
const never = new AbortController().signal;

const held = { token: undefined as string | undefined };

const open = webSocket(
  "https://eyes.example.org/base/",
  { token: async () => held.token },
  {
    createSocket: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    openGrabber: () => {
      const grabber = new FakeGrabber();
      grabbers.push(grabber);
      return grabber;
    },
    now: () => performance.now(),
  },
);

const request: OpenRequest = {
  ids: { userId: 7, moduleId: "3" },
  ticket: null,
  track: asTrack(new FakeTrack()),
  maxFps: 10,
  admitted: (ticket) => admitted.push(ticket),
  heard: (message) => heard.push(message),
  changed: () => undefined,
};

beforeEach(() => {
  vi.useFakeTimers();
  held.token = undefined;
  for (const list of [sockets, grabbers, heard, admitted]) list.length = 0;
});

afterEach(() => void vi.useRealTimers());

function socket(): FakeSocket {
  const [first] = sockets;
  if (!first) throw new Error("no socket was made");
  return first;
}

async function live(overrides: Partial<OpenRequest> = {}): Promise<Transport> {
  const opened = open({ ...request, ...overrides }, never);
  await vi.advanceTimersByTimeAsync(0);
  socket().open();
  socket().receive(JSON.stringify(attached));
  return opened;
}

describe("attaching", () => {
  test("goes to the service's socket, over TLS where the service is, with the ids first", async () => {
    await live();
    expect(socket().url).toBe("wss://eyes.example.org/base/ws/frames");
    expect(socket().texts[0]).toEqual({
      v: 1,
      type: "attach",
      user_id: 7,
      module_id: "3",
      section_id: null,
    });
  });

  test("goes on with a session by its id and its resume token", async () => {
    await live({ ticket: TICKET });
    expect(socket().texts[0]).toEqual({
      v: 1,
      type: "attach",
      session_id: TICKET.sessionId,
      resume_token: TICKET.resumeToken,
    });
  });

  test("carries the page's token, since a browser's socket has no headers", async () => {
    held.token = "t0ken";
    await live();
    expect(socket().texts[0]).toMatchObject({ type: "attach", token: "t0ken" });
  });

  test("gives a ticket as WHIP does", async () => {
    await live();
    expect(admitted).toEqual([
      {
        sessionId: attached.session_id,
        resumeToken: attached.resume_token,
        resource: `https://eyes.example.org${attached.resource}`,
      },
    ]);
  });

  test.each([
    ["session_not_found", "session_gone"],
    ["overloaded", "overloaded"],
    ["token_used", "token_expired"],
    ["token_invalid", "token_refused"],
    ["bad_user_id", "refused"],
  ])("that is answered by %s is %s", async (code, reason) => {
    const outcome = expect(open(request, never)).rejects.toMatchObject({ reason, code });
    await vi.advanceTimersByTimeAsync(0);
    socket().open();
    socket().receive(JSON.stringify({ v: 1, type: "notice", code, message: "…" }));
    await outcome;
    expect(socket().readyState).toBe(3);
  });

  test("through a proxy that refuses the upgrade is unreachable", async () => {
    const outcome = expect(open(request, never)).rejects.toMatchObject({ reason: "unreachable" });
    await vi.advanceTimersByTimeAsync(0);
    socket().close();
    await outcome;
  });

  test("that nobody answers is given up", async () => {
    const outcome = expect(open(request, never)).rejects.toMatchObject({ reason: "unreachable" });
    await vi.advanceTimersByTimeAsync(0);
    socket().open();
    await vi.advanceTimersByTimeAsync(8_000);
    await outcome;
    expect(socket().readyState).toBe(3);
  });
});

describe("pictures", () => {
  test("leave ten times a second", async () => {
    await live();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket().pictures).toHaveLength(20);
  });

  test("are dropped while earlier ones wait to leave", async () => {
    await live();
    socket().bufferedAmount = 100_000;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket().pictures).toHaveLength(0);
    expect(grabbers[0]?.scales).toHaveLength(0);
    socket().bufferedAmount = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket().pictures).toHaveLength(10);
  });

  test("obey advice", async () => {
    await live();
    socket().receive('{"v":1,"type":"advice","max_fps":4,"scale_down_by":2,"reason":"overload"}');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket().pictures).toHaveLength(4);
    expect(grabbers[0]?.scales).toEqual([2, 2, 2, 2]);
  });

  test("of the same track are not begun anew", async () => {
    const transport = await live();
    await transport.publish(request.track);
    expect(grabbers).toHaveLength(1);
    expect(grabbers[0]?.closed).toBe(false);
  });

  test("stop with a pause and go on with another track", async () => {
    const transport = await live();
    await transport.publish(null);
    expect(grabbers[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket().pictures).toHaveLength(0);
    await transport.publish(asTrack(new FakeTrack()));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket().pictures).toHaveLength(10);
  });
});

test("messages are handed on, pongs and nonsense are not", async () => {
  const transport = await live();
  socket().receive(fixture("metrics"));
  socket().receive("nonsense");
  await vi.advanceTimersByTimeAsync(30);
  socket().receive(JSON.stringify({ v: 1, type: "pong", t: performance.now() - 30 }));
  expect(heard.map(({ type }) => type)).toEqual(["metrics"]);
  expect(transport.roundTripMs).toBeCloseTo(30, 0);
});

test("silence ends the connection, and with it the pictures", async () => {
  const transport = await live();
  await vi.advanceTimersByTimeAsync(6_000);
  await transport.done;
  const sent = socket().pictures.length;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket().pictures).toHaveLength(sent);
  expect(transport.send({ type: "bye" })).toBe(false);
});

test("a socket that closes is done", async () => {
  const transport = await live();
  socket().close();
  await transport.done;
  expect(grabbers[0]?.closed).toBe(true);
});
