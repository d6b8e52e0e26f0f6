import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Bearer, type TokenSource } from "../../src/lib/bearer.js";
import { byeUrl, type Ticket, WhipClient } from "../../src/lib/whip.js";
import { created, refused, ScriptedService, silentFetch } from "../fakes/service.js";

const IDS = { userId: 7, moduleId: "3", sectionId: 2 };
const TICKET: Ticket = {
  sessionId: "6f0c8f5e-5d0b-4d0a-9a35-6c1a9d0f3b71",
  resumeToken: "resume-1",
  resource: "https://eyes.example.org/base/whip/s3cret",
};
const never = new AbortController().signal;

function client(service: { fetch: typeof fetch }, token?: TokenSource): WhipClient {
  return new WhipClient("https://eyes.example.org/base/", new Bearer(service.fetch, token));
}

describe("an offer", () => {
  test("is posted as SDP, with the ids in the query", async () => {
    const service = new ScriptedService(created());
    await client(service).offer("v=0 offer", IDS, null, never);
    const [asked] = service.asked;
    expect(asked).toMatchObject({ method: "POST", body: "v=0 offer" });
    expect(asked?.url.href).toBe(
      "https://eyes.example.org/base/whip?user_id=7&module_id=3&section_id=2",
    );
    expect(asked?.headers.get("Content-Type")).toBe("application/sdp");
    expect(asked?.headers.has("Authorization")).toBe(false);
  });

  test("leaves out ids that the page does not have", async () => {
    const service = new ScriptedService(created());
    await client(service, "jwt").offer("v=0", { moduleId: 3, sectionId: "" }, null, never);
    expect(service.asked[0]?.url.search).toBe("?module_id=3");
    expect(service.asked[0]?.headers.get("Authorization")).toBe("Bearer jwt");
  });

  test("gives the answer, and a ticket with the resource as an absolute URL", async () => {
    const admission = await client(new ScriptedService(created())).offer("v=0", IDS, null, never);
    expect(admission).toEqual({
      answer: "v=0 answer",
      ticket: { ...TICKET, resource: "https://eyes.example.org/whip/s3cret" },
    });
  });

  test("goes on with a session by its id and its resume token", async () => {
    const service = new ScriptedService(created({ "Resume-Token": "resume-2" }));
    const { ticket } = await client(service).offer("v=0", IDS, TICKET, never);
    expect(service.asked[0]?.url.searchParams.get("session_id")).toBe(TICKET.sessionId);
    expect(service.asked[0]?.headers.get("Resume-Token")).toBe("resume-1");
    expect(ticket.resumeToken).toBe("resume-2");
  });

  test("whose answer hides its headers from the page is the service's mistake", async () => {
    const service = new ScriptedService(new Response("v=0", { status: 201 }));
    await expect(client(service).offer("v=0", IDS, null, never)).rejects.toMatchObject({
      reason: "service_failed",
    });
  });

  test("that is refused says why", async () => {
    const service = new ScriptedService(refused(503, "overloaded", { "Retry-After": "4" }));
    await expect(client(service).offer("v=0", IDS, null, never)).rejects.toMatchObject({
      reason: "overloaded",
      retryAfterMs: 4000,
    });
  });

  test("that does not reach the service is unreachable", async () => {
    const service = new ScriptedService(new TypeError("Failed to fetch"));
    await expect(client(service).offer("v=0", IDS, null, never)).rejects.toMatchObject({
      reason: "unreachable",
    });
  });
});

describe("a token that is a function", () => {
  test("is asked once, and again when the service finds it expired", async () => {
    let count = 0;
    const service = new ScriptedService(created(), refused(401, "token_expired"), created());
    const whip = client(service, async () => `jwt-${++count}`);
    await whip.offer("v=0", IDS, null, never);
    await whip.offer("v=0", IDS, null, never);
    expect(service.asked.map(({ headers }) => headers.get("Authorization"))).toEqual([
      "Bearer jwt-1",
      "Bearer jwt-1",
      "Bearer jwt-2",
    ]);
  });

  test.each([
    ["token_expired", "token_expired"],
    ["token_invalid", "token_refused"],
  ])("whose fresh one is refused as %s is %s", async (code, reason) => {
    const service = new ScriptedService(refused(401, "token_used"), refused(401, code));
    const offered = client(service, () => "jwt").offer("v=0", IDS, null, never);
    await expect(offered).rejects.toMatchObject({ reason, code });
    expect(service.asked).toHaveLength(2);
  });

  test("that is a plain string is not tried twice", async () => {
    const service = new ScriptedService(refused(401, "token_expired"));
    await expect(client(service, "jwt").offer("v=0", IDS, null, never)).rejects.toMatchObject({
      reason: "token_expired",
    });
    expect(service.asked).toHaveLength(1);
  });
});

describe("time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("an offer that nobody answers is given up after fifteen seconds", async () => {
    const offered = client({ fetch: silentFetch }).offer("v=0", IDS, null, never);
    const outcome = expect(offered).rejects.toMatchObject({
      reason: "unreachable",
      retryable: true,
    });
    await vi.advanceTimersByTimeAsync(15_000);
    await outcome;
  });

  test("ICE servers that do not come within three seconds are none", async () => {
    const servers = client({ fetch: silentFetch }).iceServers(never);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await servers).toEqual([]);
  });

  test("an abort ends both at once, with its own reason", async () => {
    const stop = new AbortController();
    const whip = client({ fetch: silentFetch });
    const offered = expect(whip.offer("v=0", IDS, null, stop.signal)).rejects.toThrow("enough");
    const servers = expect(whip.iceServers(stop.signal)).rejects.toThrow("enough");
    stop.abort(new Error("enough"));
    await Promise.all([offered, servers]);
  });
});

test("ICE servers are those that the service lists", async () => {
  const service = new ScriptedService(Response.json({ ice_servers: [{ urls: ["stun:a"] }] }));
  expect(await client(service).iceServers(never)).toEqual([{ urls: ["stun:a"] }]);
  expect(service.asked[0]?.url.href).toBe("https://eyes.example.org/base/api/ice-servers");
});

test("a service without a list of ICE servers, or with a broken one, has none", async () => {
  expect(await client(new ScriptedService(refused(404, "not_found"))).iceServers(never)).toEqual(
    [],
  );
  expect(await client(new ScriptedService(new Response("<html>"))).iceServers(never)).toEqual([]);
});

test("a release deletes the resource, and does not mind when it is gone", async () => {
  const service = new ScriptedService(refused(404, "session_not_found"));
  expect(await client(service, "jwt").release(TICKET)).toBeNull();
  expect(service.asked[0]).toMatchObject({ method: "DELETE" });
  expect(service.asked[0]?.url.href).toBe(TICKET.resource);
  expect(service.asked[0]?.headers.get("Authorization")).toBe("Bearer jwt");
});

test("a release tells the summary, once the service has it", async () => {
  const path = resolve(import.meta.dirname, "../../../tests/data/messages/summary.json");
  const { v, type, session_id, end_reason, ...totals } = JSON.parse(readFileSync(path, "utf8"));
  const ended = { session_id, state: "ended", end_reason, summary: { ...totals, pending_time: 0 } };
  const service = new ScriptedService(Response.json(ended));
  expect(await client(service).release(TICKET)).toMatchObject({ type, session_id, ...totals });
  for (const summary of [null, { elapsed: "long" }]) {
    const other = new ScriptedService(Response.json({ ...ended, summary }));
    expect(await client(other).release(TICKET)).toBeNull();
  }
});

test("a release that nobody answers is not waited for", async () => {
  vi.useFakeTimers();
  const released = client({ fetch: silentFetch }).release(TICKET);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await released).toBeNull();
  vi.useRealTimers();
});

test("a closing page says goodbye below the resource", () => {
  expect(byeUrl(TICKET)).toBe("https://eyes.example.org/base/whip/s3cret/bye");
});
