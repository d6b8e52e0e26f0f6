import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connector, type ConnectRequest } from "../../src/lib/connector.js";
import { EyeError } from "../../src/lib/errors.js";
import { FakeNetwork, TICKET } from "../fakes/transports.js";

const request: ConnectRequest = {
  ids: { userId: 7 },
  track: null,
  maxFps: 10,
  heard: () => undefined,
  changed: () => undefined,
};
const stop = { controller: new AbortController() };
const attempts: number[] = [];
let network: FakeNetwork;
let connector: Connector;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  stop.controller = new AbortController();
  attempts.length = 0;
  network = new FakeNetwork();
  const environment = { now: () => Date.now(), random: () => 1 };
  const trying = (attempt: number) => void attempts.push(attempt);
  connector = new Connector({ open: network.open, best: network.open, trying, environment });
});

afterEach(() => void vi.useRealTimers());

function connect() {
  return connector.connect(() => request, stop.controller.signal);
}

test("a connection that opens at once needs one attempt and leaves a ticket", async () => {
  await connect();
  expect(attempts).toEqual([0]);
  expect(connector.ticket).toEqual(TICKET);
});

test("what may get better is tried again after its pause", async () => {
  network.failures.push(new EyeError("unreachable"), new EyeError("service_failed"));
  const connected = connect();
  await vi.advanceTimersByTimeAsync(499);
  expect(attempts).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1);
  expect(attempts).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  await connected;
  expect(attempts).toEqual([0, 1, 2]);
});

test("a busy service is left alone for as long as it asks", async () => {
  network.failures.push(new EyeError("overloaded", { retryAfterMs: 4_000 }));
  const connected = connect();
  await vi.advanceTimersByTimeAsync(3_999);
  expect(attempts).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1_001);
  await connected;
});

test("what cannot get better is thrown at once", async () => {
  network.failures.push(new EyeError("token_expired"));
  await expect(connect()).rejects.toMatchObject({ reason: "token_expired" });
  expect(attempts).toEqual([0]);
});

test("a first connection is given up after twenty seconds, with the last reason", async () => {
  network.failures.push(...Array.from({ length: 50 }, () => new EyeError("unreachable")));
  const outcome = expect(connect()).rejects.toMatchObject({ reason: "unreachable" });
  await vi.advanceTimersByTimeAsync(20_000);
  await outcome;
});

test("the next connection resumes the session of the first, and is tried for longer", async () => {
  await connect();
  network.failures.push(...Array.from({ length: 8 }, () => new EyeError("unreachable")));
  const again = connect();
  await vi.advanceTimersByTimeAsync(60_000);
  await again;
  expect(network.requests.map(({ ticket }) => ticket)).toEqual([null, ...Array(9).fill(TICKET)]);
});

test("a session that is gone after it was live ends the attempts", async () => {
  await connect();
  network.failures.push(new EyeError("session_gone"));
  await expect(connect()).rejects.toMatchObject({ reason: "session_gone" });
});

test("a session that was taken but never live and is gone is begun anew", async () => {
  network.admitsBeforeFailing = true;
  network.failures.push(new EyeError("connection_failed"), new EyeError("session_gone"));
  const connected = connect();
  await vi.advanceTimersByTimeAsync(500);
  network.admitsBeforeFailing = false;
  await vi.advanceTimersByTimeAsync(2_000);
  await connected;
  expect(network.requests.map(({ ticket }) => ticket)).toEqual([null, TICKET, null]);
});

test("an address where nothing is at all is a refusal, not a session that is gone", async () => {
  network.failures.push(new EyeError("session_gone"));
  await expect(connect()).rejects.toMatchObject({ reason: "refused" });
});

test("a network that is back need not wait for the pause", async () => {
  network.failures.push(new EyeError("unreachable", { retryAfterMs: 15_000 }));
  const connected = connect();
  await vi.advanceTimersByTimeAsync(10);
  connector.retryNow();
  await vi.advanceTimersByTimeAsync(0);
  await connected;
  expect(Date.now()).toBe(10);
});

test("a better way is looked for soon, after a minute, and then ever less often", async () => {
  await connect();
  network.failures.push(new EyeError("connection_failed"), new EyeError("connection_failed"));
  const better = connector.climb(() => request, stop.controller.signal);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(network.requests).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(network.requests).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(90_000);
  expect(await better).toBe(network.latest);
  expect(network.requests.at(-1)?.ticket).toEqual(TICKET);
});

test("whoever is in trouble tries at once, and again soon", async () => {
  await connect();
  network.failures.push(new EyeError("unreachable"), new EyeError("connection_failed"));
  const other = connector.rescue(() => request, stop.controller.signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(network.requests).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(300);
  expect(network.requests).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(600);
  expect(await other).toBe(network.latest);
  expect(attempts).toEqual([0]);
});

test("out of trouble nothing more is tried", async () => {
  await connect();
  network.failures.push(new EyeError("unreachable"));
  const outcome = expect(
    connector.rescue(() => request, stop.controller.signal),
  ).rejects.toBeDefined();
  await vi.advanceTimersByTimeAsync(10);
  stop.controller.abort();
  await outcome;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.requests).toHaveLength(2);
});

test("another network is a reason to look at once", async () => {
  await connect();
  const better = connector.climb(() => request, stop.controller.signal);
  await vi.advanceTimersByTimeAsync(10);
  connector.retryNow();
  await better;
  expect(Date.now()).toBe(10);
});

test("an attempt that was made in the old network begins anew in the new one", async () => {
  await connect();
  network.gate = new Promise(() => undefined);
  const better = connector.climb(() => request, stop.controller.signal);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(network.requests).toHaveLength(2);
  network.gate = Promise.resolve();
  connector.retryNow();
  await vi.advanceTimersByTimeAsync(1);
  expect(await better).toBe(network.latest);
  expect(network.requests).toHaveLength(3);
});

test("whoever does not look any more stops looking", async () => {
  await connect();
  const outcome = expect(
    connector.climb(() => request, stop.controller.signal),
  ).rejects.toBeDefined();
  stop.controller.abort();
  await outcome;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(network.requests).toHaveLength(1);
});

test("an abort ends the pause at once", async () => {
  network.failures.push(new EyeError("unreachable"));
  const outcome = expect(connect()).rejects.toMatchObject({ reason: "aborted" });
  await vi.advanceTimersByTimeAsync(10);
  stop.controller.abort();
  await outcome;
  expect(attempts).toEqual([0]);
});
