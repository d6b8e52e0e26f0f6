import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EyeError } from "../../src/lib/errors.js";
import { ladder, TO_PICTURES, TO_REST } from "../../src/lib/ladder.js";
import type { OpenRequest, OpenTransport } from "../../src/lib/transport.js";
import { FakeTransport, TICKET } from "../fakes/transports.js";

/** A rung that tests open or break by hand. */
class HandRung {
  begun: OpenRequest | null = null;
  aborted = false;
  transport: FakeTransport | null = null;
  open_: () => void = () => undefined;
  fail: (error: EyeError) => void = () => undefined;

  readonly open: OpenTransport = (request, signal) =>
    new Promise((resolve, reject) => {
      this.begun = request;
      this.open_ = () => {
        this.transport = new FakeTransport(request);
        resolve(this.transport);
      };
      this.fail = reject;
      signal.addEventListener("abort", () => {
        this.aborted = true;
        reject(signal.reason);
      });
    });
}

let upper: HandRung;
let lower: HandRung;
let stop: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  upper = new HandRung();
  lower = new HandRung();
  stop = new AbortController();
});

afterEach(() => void vi.useRealTimers());

function climb(overrides: Partial<OpenRequest> = {}, step = TO_PICTURES) {
  const request: OpenRequest = {
    ids: { userId: 7 },
    ticket: null,
    track: null,
    maxFps: 10,
    admitted: () => undefined,
    heard: () => undefined,
    changed: () => undefined,
    ...overrides,
  };
  return ladder(upper.open, lower.open, step)(request, stop.signal);
}

async function after(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test("where the upper rung opens in time the lower is never tried", async () => {
  const climbed = climb();
  await after(2_900);
  upper.open_();
  expect(await climbed).toBe(upper.transport);
  await after(10_000);
  expect(lower.begun).toBeNull();
});

test("after three seconds the lower starts beside it, and the first that opens carries", async () => {
  const climbed = climb();
  await after(3_000);
  expect(lower.begun).not.toBeNull();
  expect(upper.aborted).toBe(false);
  lower.open_();
  expect(await climbed).toBe(lower.transport);
  expect(upper.aborted).toBe(true);
});

test("the upper may still be first", async () => {
  const climbed = climb();
  await after(3_100);
  upper.open_();
  expect(await climbed).toBe(upper.transport);
  expect(lower.aborted).toBe(true);
});

test("both stand for one session", async () => {
  const tickets: unknown[] = [];
  const climbed = climb({ admitted: (ticket) => tickets.push(ticket) });
  await after(100);
  upper.begun?.admitted(TICKET);
  await after(3_000);
  expect(lower.begun?.ticket).toEqual(TICKET);
  expect(tickets).toEqual([TICKET]);
  lower.open_();
  await climbed;
});

test.each(["connection_failed", "unsupported"] as const)(
  "an upper rung with %s need not be waited for",
  async (reason) => {
    const climbed = climb();
    await after(200);
    upper.fail(new EyeError(reason));
    await after(0);
    expect(lower.begun).not.toBeNull();
    lower.open_();
    expect(await climbed).toBe(lower.transport);
  },
);

test.each(["token_expired", "overloaded", "unreachable", "session_gone", "disabled"] as const)(
  "%s is an answer for every rung",
  async (reason) => {
    const climbed = expect(climb()).rejects.toMatchObject({ reason });
    await after(200);
    upper.fail(new EyeError(reason));
    await climbed;
    expect(lower.begun).toBeNull();
  },
);

test("where no rung opens the upper one's reason counts", async () => {
  const climbed = expect(climb()).rejects.toMatchObject({ reason: "connection_failed" });
  await after(3_000);
  lower.fail(new EyeError("unreachable"));
  await after(0);
  upper.fail(new EyeError("connection_failed"));
  await climbed;
});

test("what the service answered on any rung counts more than a way that is closed", async () => {
  const climbed = expect(climb({}, TO_REST)).rejects.toMatchObject({ reason: "token_expired" });
  upper.fail(new EyeError("unreachable"));
  await after(0);
  lower.fail(new EyeError("token_expired"));
  await climbed;
});

test("a refused upgrade is a reason to go on with REST at once", async () => {
  const climbed = climb({}, TO_REST);
  upper.fail(new EyeError("unreachable"));
  await after(0);
  lower.open_();
  expect(await climbed).toBe(lower.transport);
});

test("an abort ends all rungs, with its own reason", async () => {
  const climbed = expect(climb()).rejects.toThrow("enough");
  await after(3_000);
  stop.abort(new Error("enough"));
  await climbed;
  expect([upper.aborted, lower.aborted]).toEqual([true, true]);
});

test("an abort during the head start begins nothing", async () => {
  const climbed = expect(climb()).rejects.toThrow("enough");
  await after(1_000);
  stop.abort(new Error("enough"));
  await climbed;
  await after(5_000);
  expect(lower.begun).toBeNull();
});
