import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Bearer } from "../../src/lib/bearer.js";
import type { Grabber } from "../../src/lib/frames.js";
import { rest } from "../../src/lib/rest.js";
import type { OpenRequest, SessionMessage, Transport } from "../../src/lib/transport.js";
import type { Ticket } from "../../src/lib/whip.js";
import { asTrack, FakeTrack } from "../fakes/media.js";
import { refused } from "../fakes/service.js";
import { TICKET } from "../fakes/transports.js";

function fixture(name: string) {
  const path = resolve(import.meta.dirname, `../../../tests/data/messages/${name}.json`);
  return JSON.parse(readFileSync(path, "utf8"));
}

const attached = fixture("attached");
const RESOURCE = `https://eyes.example.org${attached.resource}`;

/** The REST side of the service: pictures and messages are answered by what tests put here. */
class RestService {
  readonly asked: { url: string; headers: Headers; body: unknown }[] = [];
  attach: () => Response = () => Response.json(attached, { status: 201 });
  frames: () => Response | Promise<Response> = () => Response.json([fixture("metrics")]);
  messages: (message: { type: string; t?: number }) => Response = ({ type, t }) =>
    Response.json(type === "ping" ? [{ v: 1, type: "pong", t }] : []);

  readonly fetch: typeof fetch = async (input, init) => {
    const url = String(input);
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : init?.body;
    this.asked.push({ url, headers: new Headers(init?.headers), body });
    if (url.endsWith("/api/attach")) return this.attach();
    return url.endsWith("/frames") ? this.frames() : this.messages(body);
  };

  to(path: string) {
    return this.asked.filter(({ url }) => url.endsWith(path));
  }
}

class StillGrabber implements Grabber {
  async grab(): Promise<Blob> {
    return new Blob(["jpeg"], { type: "image/jpeg" });
  }

  close(): void {
    // holds nothing
  }
}

const never = new AbortController().signal;
const heard: SessionMessage[] = [];
const admitted: Ticket[] = [];
let service: RestService;

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
  service = new RestService();
  heard.length = 0;
  admitted.length = 0;
});

afterEach(() => void vi.useRealTimers());

function open(overrides: Partial<OpenRequest> = {}): Promise<Transport> {
  const bearer = new Bearer((input, init) => service.fetch(input, init), "t0ken");
  const environment = { openGrabber: () => new StillGrabber(), now: () => performance.now() };
  return rest("https://eyes.example.org", bearer, environment)({ ...request, ...overrides }, never);
}

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe("attaching", () => {
  test("begins a session for the ids, with the page's token, and gives a ticket", async () => {
    await open();
    expect(service.asked[0]).toMatchObject({
      url: "https://eyes.example.org/api/attach",
      body: { v: 1, type: "attach", user_id: 7, module_id: "3", section_id: null },
    });
    expect(service.asked[0]?.headers.get("Authorization")).toBe("Bearer t0ken");
    expect(admitted).toEqual([
      {
        sessionId: attached.session_id,
        resumeToken: attached.resume_token,
        resource: RESOURCE,
      },
    ]);
  });

  test("goes on with a session by its resume token", async () => {
    await open({ ticket: TICKET });
    expect(service.asked[0]?.body).toEqual({
      v: 1,
      type: "attach",
      session_id: TICKET.sessionId,
      resume_token: TICKET.resumeToken,
    });
  });

  test("that is refused says why", async () => {
    service.attach = () => refused(404, "session_not_found");
    await expect(open()).rejects.toMatchObject({ reason: "session_gone" });
  });

  test("that something else answers is a failure of the service", async () => {
    service.attach = () => new Response("<html>", { status: 200 });
    await expect(open()).rejects.toMatchObject({ reason: "service_failed" });
  });
});

describe("pictures", () => {
  test("leave ten times a second, and their answers are heard", async () => {
    await open();
    await settle(1_000);
    expect(service.to("/frames")).toHaveLength(10);
    expect(service.to("/frames")[0]?.headers.get("Content-Type")).toBe("image/jpeg");
    expect(heard.filter(({ type }) => type === "metrics")).toHaveLength(10);
  });

  test("wait for no more than three answers at once", async () => {
    service.frames = () => new Promise(() => undefined);
    await open();
    await settle(1_000);
    expect(service.to("/frames")).toHaveLength(3);
  });

  test.each([
    [429, "rate_limited"],
    [422, "frame_corrupt"],
    [413, "frame_too_large"],
  ])("that are refused with %i %s do not end the connection", async (status, code) => {
    service.frames = () => refused(status, code);
    await open();
    await settle(1_000);
    expect(service.to("/frames")).toHaveLength(10);
  });

  test("of a session that is gone end it", async () => {
    service.frames = () => refused(404, "session_not_found");
    const transport = await open();
    await settle(300);
    await transport.done;
    expect(transport.send({ type: "bye" })).toBe(false);
  });

  test("carry what the service has to say beside their metrics", async () => {
    service.frames = () => Response.json([fixture("metrics"), fixture("notice")]);
    await open({ maxFps: 1 });
    await settle(1_000);
    expect(heard.map(({ type }) => type)).toEqual(["metrics", "notice"]);
  });
});

describe("messages", () => {
  test("go one after the other", async () => {
    const transport = await open({ track: null });
    transport.send({ type: "pause" });
    transport.send({ type: "resume" });
    await settle();
    const types = service.to("/messages").map(({ body }) => (body as { type: string }).type);
    expect(types).toEqual(["ping", "pause", "resume"]);
  });

  test("are answered: bye by the summary", async () => {
    service.messages = () => Response.json([fixture("summary")]);
    const transport = await open({ track: null });
    transport.send({ type: "bye" });
    await settle();
    expect(heard.map(({ type }) => type)).toContain("summary");
  });

  test("tell how long the way is, and a paused session keeps its connection", async () => {
    const transport = await open({ track: null });
    await settle(20_000);
    expect(transport.roundTripMs).not.toBeNull();
    expect(service.to("/frames")).toHaveLength(0);
    expect(transport.send({ type: "resume" })).toBe(true);
  });

  test("that nobody answers end the connection", async () => {
    const transport = await open({ track: null });
    service.messages = () => refused(503, "worker_lost");
    await settle(8_000);
    await transport.done;
  });
});

test("a network that is gone ends the connection at once", async () => {
  const transport = await open();
  service.frames = () => Promise.reject(new TypeError("Failed to fetch"));
  await settle(200);
  await transport.done;
});
