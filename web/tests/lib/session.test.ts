import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Connector } from "../../src/lib/connector.js";
import { EyeError } from "../../src/lib/errors.js";
import type {
  AdviceMessage,
  HelloMessage,
  MetricsMessage,
  ServerMessage,
  SummaryMessage,
} from "../../src/lib/messages.gen.js";
import { EyeSession, type SessionParts } from "../../src/lib/session.js";
import type { SessionState } from "../../src/lib/state.js";
import { asTrack, FakeCamera } from "../fakes/media.js";
import { FakeNetwork, TICKET } from "../fakes/transports.js";

function fixture<M extends ServerMessage>(type: M["type"]): M {
  const path = resolve(import.meta.dirname, `../../../tests/data/messages/${type}.json`);
  return JSON.parse(readFileSync(path, "utf8"));
}

const summary = fixture<SummaryMessage>("summary");
const metrics = fixture<MetricsMessage>("metrics");
const advice = fixture<AdviceMessage>("advice");

class SwitchedVisibility {
  state: "visible" | "hidden" = "visible";
  #listener: () => void = () => undefined;

  subscribe(listener: () => void): void {
    this.#listener = listener;
  }

  turn(state: "visible" | "hidden"): void {
    this.state = state;
    this.#listener();
  }
}

let camera: FakeCamera;
let network: FakeNetwork;
let states: SessionState[];
let errors: EyeError[];
const released: string[] = [];
const beacons: string[] = [];
/** What the service answers to whoever deletes the resource. */
let releaseTells: SummaryMessage | null;

beforeEach(() => {
  vi.useFakeTimers();
  camera = new FakeCamera();
  network = new FakeNetwork();
  states = [];
  errors = [];
  released.length = 0;
  releaseTells = null;
  beacons.length = 0;
});

afterEach(() => void vi.useRealTimers());

function begin(parts: Partial<SessionParts> = {}): EyeSession {
  const environment = { now: () => performance.now(), random: () => 0 };
  const session = new EyeSession({
    camera,
    connector: (trying) =>
      new Connector({ open: network.open, best: network.open, trying, environment }),
    release: async ({ resource }) => {
      released.push(resource);
      return releaseTells;
    },
    beacon: (url) => beacons.push(url) > 0,
    ids: { userId: 7, moduleId: 3 },
    maxFps: 10,
    consent: undefined,
    preview: undefined,
    visibility: undefined,
    cameraCheck: false,
    ...parts,
  });
  session.on("statechange", (state) => states.push(state));
  session.on("error", (error) => errors.push(error));
  return session;
}

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

async function live(parts: Partial<SessionParts> = {}): Promise<EyeSession> {
  const session = begin(parts);
  await settle();
  expect(session.state).toEqual({ name: "live", rung: "direct" });
  return session;
}

/** On the rung below WebRTC. */
async function livePictures(): Promise<EyeSession> {
  network.rungs.push("websocket");
  const session = begin();
  await settle();
  expect(session.state).toEqual({ name: "live", rung: "websocket" });
  return session;
}

function names(): string[] {
  return states.map(({ name }) => name);
}

describe("the check of the camera", () => {
  async function checking(): Promise<EyeSession> {
    const session = begin({ cameraCheck: true });
    await settle();
    expect(session.state).toEqual({ name: "checking", rung: "direct" });
    return session;
  }

  test("pictures are sent and nothing is judged until it begins", async () => {
    const session = await checking();
    expect(network.latest.sent).toEqual([{ type: "pause" }]);
    expect(network.requests[0]?.track).toBe(camera.track);
    session.begin();
    expect(session.state).toEqual({ name: "live", rung: "direct" });
    session.begin();
    expect(network.latest.sent).toEqual([{ type: "pause" }, { type: "resume" }]);
  });

  test("it outlives a lost connection", async () => {
    const session = await checking();
    network.latest.breakDown();
    await settle(1_000);
    expect(session.state.name).toBe("checking");
    expect(network.latest.sent).toEqual([{ type: "pause" }]);
  });

  test("who pauses in the middle of it comes back to it", async () => {
    const session = await checking();
    await session.pause();
    expect(session.state).toEqual({ name: "paused", cause: "student" });
    expect(await session.resume()).toBe(true);
    expect(session.state.name).toBe("checking");
    expect(network.latest.sent.at(-1)).toEqual({ type: "pause" });
  });

  test("begun while paused it goes on being paused", async () => {
    const session = await checking();
    await session.pause();
    session.begin();
    expect(session.state.name).toBe("paused");
    await session.resume();
    expect(session.state.name).toBe("live");
  });

  test("without it a session is live at once", async () => {
    const session = await live();
    session.begin();
    expect(network.latest.saidLater).toEqual([]);
  });
});

describe("the way up", () => {
  test("listeners that are added at once miss nothing", async () => {
    await live();
    expect(names()).toEqual(["camera", "connecting", "live"]);
  });

  test("the preview shows the camera, and the track is published", async () => {
    const preview: { srcObject: MediaProvider | null } = { srcObject: null };
    await live({ preview });
    expect(preview.srcObject).toBe(camera.stream);
    expect(network.requests[0]?.track).toBe(camera.track);
  });

  test("the id is the service's, and null before", async () => {
    const session = begin();
    expect(session.id).toBeNull();
    await settle();
    expect(session.id).toBe(TICKET.sessionId);
  });

  test("consent goes first, and a page in the background says so", async () => {
    const visibility = new SwitchedVisibility();
    visibility.state = "hidden";
    await live({ consent: "2026-11", visibility });
    expect(network.latest.sent).toEqual([
      { type: "consent", version: "2026-11" },
      { type: "visibility", state: "hidden" },
      { type: "resume" },
    ]);
  });

  test("without a camera nothing is connected", async () => {
    camera.failure = new EyeError("permission_denied");
    const session = begin();
    expect(await session.finished).toBeNull();
    expect(session.state).toMatchObject({
      name: "ended",
      reason: "error",
      error: { reason: "permission_denied" },
    });
    expect(errors.map(({ reason }) => reason)).toEqual(["permission_denied"]);
    expect(network.requests).toEqual([]);
  });

  test("a service that refuses ends it and lets go of the camera", async () => {
    network.failures.push(new EyeError("token_expired"));
    const session = begin();
    await session.finished;
    expect(session.state).toMatchObject({ name: "ended", error: { reason: "token_expired" } });
    expect(camera.stream).toBeNull();
    expect(released).toEqual([]);
  });
});

describe("while live", () => {
  test("messages become events of their own names", async () => {
    const session = await live();
    const heard: string[] = [];
    for (const type of ["hello", "metrics", "notice", "advice"] as const) {
      session.on(type, (message) => heard.push(message.type));
    }
    for (const type of ["hello", "metrics", "notice", "advice"] as const) {
      network.latest.say(fixture(type));
    }
    expect(heard).toEqual(["hello", "metrics", "notice", "advice"]);
  });

  test("addEventListener works as on any event target", async () => {
    const session = await live();
    const heard: unknown[] = [];
    session.addEventListener("metrics", (event) => heard.push((event as CustomEvent).detail));
    network.latest.say(metrics);
    expect(heard).toEqual([metrics]);
  });

  test("advice is obeyed by the camera, until the service takes more again", async () => {
    await live();
    network.latest.say(advice);
    network.latest.say(advice);
    network.latest.say({ ...fixture<HelloMessage>("hello"), fps: 10 });
    expect(camera.limits).toEqual([advice.max_fps, 10]);
  });

  test("the service hears when the student leaves the page and comes back", async () => {
    const visibility = new SwitchedVisibility();
    await live({ visibility });
    visibility.turn("hidden");
    visibility.turn("visible");
    expect(network.latest.saidLater).toEqual([
      { type: "visibility", state: "hidden" },
      { type: "visibility", state: "visible" },
    ]);
  });

  test("calibration goes out, with and without a point", async () => {
    const session = await live();
    expect(session.calibrate()).toBe(true);
    expect(session.calibrate({ x: 0.5, y: 0.1 })).toBe(true);
    expect(session.calibrate({ x: 0.5, y: 0.9 }, { keep: true })).toBe(true);
    expect(network.latest.saidLater).toEqual([
      { type: "calibrate" },
      { type: "calibrate", point: { x: 0.5, y: 0.1 } },
      { type: "calibrate", point: { x: 0.5, y: 0.9 }, keep: true },
    ]);
  });
});

describe("stopping", () => {
  test("says bye, waits for the summary and ends with it", async () => {
    const session = await live();
    const stopped = session.stop();
    await settle();
    expect(session.state.name).toBe("stopping");
    expect(network.latest.sentTypes).toEqual(["resume", "bye"]);
    network.latest.say(summary);
    expect(await stopped).toEqual(summary);
    expect(session.state).toEqual({ name: "ended", reason: "client_bye", error: null });
    expect(session.summary).toEqual(summary);
    expect(network.latest.closed).toBe(true);
    expect(camera.stream).toBeNull();
    expect(released).toEqual([]);
  });

  test("without a summary within half a second it deletes the resource", async () => {
    const session = await live();
    const stopped = session.stop();
    await settle(499);
    expect(session.state.name).toBe("stopping");
    await settle(1);
    expect(await stopped).toBeNull();
    expect(released).toEqual([TICKET.resource]);
  });

  test("takes the summary from the answer to that", async () => {
    const session = await live();
    const told: SummaryMessage[] = [];
    session.on("summary", (message) => told.push(message));
    releaseTells = summary;
    const stopped = session.stop();
    await settle(500);
    expect(await stopped).toEqual(summary);
    expect(told).toEqual([summary]);
    expect(session.state).toEqual({ name: "ended", reason: "client_bye", error: null });
  });

  test("does not wait on a connection that breaks meanwhile", async () => {
    const session = await live();
    const stopped = session.stop();
    await settle();
    network.latest.breakDown();
    expect(await stopped).toBeNull();
    expect(released).toEqual([TICKET.resource]);
  });

  test("twice is the same as once", async () => {
    const session = await live();
    const both = [session.stop(), session.stop()];
    await settle();
    network.latest.say(summary);
    expect(await Promise.all(both)).toEqual([summary, summary]);
    expect(network.latest.sentTypes).toEqual(["resume", "bye"]);
  });

  test("before anything began asks for no camera", async () => {
    const session = begin();
    expect(await session.stop()).toBeNull();
    expect(camera.opened).toBe(0);
    expect(session.state).toEqual({ name: "ended", reason: "client_bye", error: null });
    expect(errors).toEqual([]);
  });

  test("while it waits for another attempt ends at once", async () => {
    network.failures.push(new EyeError("unreachable", { retryAfterMs: 10_000 }));
    const session = begin();
    await settle();
    expect(session.state.name).toBe("connecting");
    expect(await session.stop()).toBeNull();
    expect(errors).toEqual([]);
  });

  test("by the service gives its reason", async () => {
    const session = await live();
    network.latest.say({ ...summary, end_reason: "max_duration" });
    expect(await session.finished).toMatchObject({ end_reason: "max_duration" });
    expect(session.state).toMatchObject({ name: "ended", reason: "max_duration", error: null });
    expect(network.latest.sentTypes).toEqual(["resume"]);
  });
});

describe("a page that goes away", () => {
  test("sends one beacon and closes", async () => {
    const session = await live();
    session.leave();
    session.leave();
    await session.finished;
    expect(beacons).toEqual([`${TICKET.resource}/bye`]);
    expect(network.latest.closed).toBe(true);
    expect(released).toEqual([]);
  });

  test("sends none after the session has ended", async () => {
    const session = await live();
    network.latest.say(summary);
    await session.finished;
    session.leave();
    expect(beacons).toEqual([]);
  });

  test("whose beacon is not taken deletes the resource instead", async () => {
    const session = await live({ beacon: () => false });
    session.leave();
    await session.finished;
    expect(released).toEqual([TICKET.resource]);
  });
});

describe("a lost connection", () => {
  test("is followed by another one for the same session", async () => {
    const session = await live();
    network.failures.push(new EyeError("unreachable"));
    network.latest.breakDown();
    await settle();
    expect(session.state).toEqual({ name: "reconnecting", attempt: 0 });
    await settle(1_000);
    expect(session.state.name).toBe("live");
    expect(names()).toEqual([
      "camera",
      "connecting",
      "live",
      "reconnecting",
      "reconnecting",
      "live",
    ]);
    expect(network.requests.map(({ ticket }) => ticket)).toEqual([null, TICKET, TICKET]);
    expect(camera.opened).toBe(1);
  });

  test("that the service does not take up again ends the session", async () => {
    const session = await live();
    network.failures.push(new EyeError("session_gone"));
    network.latest.breakDown();
    await session.finished;
    expect(session.state).toMatchObject({ name: "ended", error: { reason: "session_gone" } });
  });

  test("does not end a pause", async () => {
    const session = await live();
    await session.pause();
    network.latest.breakDown();
    await settle();
    expect(session.state).toEqual({ name: "paused", cause: "student" });
    expect(network.transports).toHaveLength(2);
    expect(network.requests[1]?.track).toBeNull();
    expect(network.latest.sentTypes).toEqual(["pause"]);
  });
});

describe("every connection", () => {
  test("is told the whole state, whatever was said on the one before", async () => {
    const visibility = new SwitchedVisibility();
    const session = await live({ consent: "2026-11", visibility });
    visibility.turn("hidden");
    await session.pause();
    network.failures.push(new EyeError("unreachable"));
    network.latest.breakDown();
    await settle();
    visibility.turn("visible");
    await session.resume();
    await settle(1_000);
    expect(network.transports).toHaveLength(2);
    expect(network.latest.sent).toEqual([
      { type: "consent", version: "2026-11" },
      { type: "visibility", state: "visible" },
      { type: "resume" },
    ]);
  });

  test("goes on with a calibration that is under way, and with no older one", async () => {
    const session = await live();
    const point = { x: 0.5, y: 0.1 };
    session.calibrate(point, { keep: true });
    await settle(500);
    network.latest.breakDown();
    await settle();
    expect(network.latest.saidLater).toEqual([{ type: "calibrate", point, keep: true }]);
    await settle(1_000);
    network.latest.breakDown();
    await settle();
    expect(network.latest.saidLater).toEqual([]);
  });

  test("begun during a climb counts on the better way", async () => {
    network.rungs.push("websocket");
    const session = begin({ cameraCheck: true });
    await settle();
    session.networkChanged();
    session.begin();
    await settle();
    expect(network.transports).toHaveLength(2);
    expect(network.latest.sentTypes).toEqual(["resume"]);
  });
});

describe("a connection in trouble", () => {
  test("is replaced by the next one while it still stands", async () => {
    const session = await live();
    const [first] = network.transports;
    network.rungs.push("turn-tcp");
    first?.trouble(true);
    await settle();
    expect(network.requests.map(({ ticket }) => ticket)).toEqual([null, TICKET]);
    expect(first?.closed).toBe(true);
    expect(session.state).toEqual({ name: "live", rung: "turn-tcp" });
    expect(names()).not.toContain("reconnecting");
  });

  test("that passes keeps the session, and the attempt is called off", async () => {
    const session = await live();
    let open: () => void = () => undefined;
    network.gate = new Promise((resolve) => {
      open = resolve;
    });
    network.latest.trouble(true);
    await settle(500);
    network.latest.trouble(false);
    open();
    await settle();
    expect(network.transports).toHaveLength(1);
    expect(network.latest.closed).toBe(false);
    expect(session.state).toEqual({ name: "live", rung: "direct" });
  });

  test("may be closed by the service before the next one is open on this side", async () => {
    const session = await live();
    let open: () => void = () => undefined;
    network.gate = new Promise((resolve) => {
      open = resolve;
    });
    network.latest.trouble(true);
    await settle();
    network.latest.breakDown();
    await settle(1_000);
    open();
    await settle();
    expect(network.requests).toHaveLength(2);
    expect(names()).not.toContain("reconnecting");
    expect(session.state).toEqual({ name: "live", rung: "direct" });
  });

  test("that ends is followed by new attempts where the one beside it takes too long", async () => {
    const session = await live();
    network.gate = new Promise(() => undefined);
    network.latest.trouble(true);
    await settle();
    network.latest.breakDown();
    await settle(2_999);
    expect(network.requests).toHaveLength(2);
    network.gate = Promise.resolve();
    await settle(1);
    expect(network.requests).toHaveLength(3);
    expect(names()).toContain("reconnecting");
    expect(session.state).toEqual({ name: "live", rung: "direct" });
  });

  test("does not outlive the session", async () => {
    const session = await live();
    network.gate = new Promise(() => undefined);
    network.latest.trouble(true);
    await settle();
    network.latest.say(summary);
    await session.finished;
    await settle(60_000);
    expect(network.requests).toHaveLength(2);
  });
});

describe("the rung", () => {
  test("is told again when it changes", async () => {
    const session = await live();
    network.latest.moveTo("turn-udp");
    expect(session.state).toEqual({ name: "live", rung: "turn-udp" });
    network.latest.moveTo("turn-udp");
    expect(names()).toEqual(["camera", "connecting", "live", "live"]);
  });

  test("is told while the camera is checked as well, which goes on", async () => {
    const session = begin({ cameraCheck: true });
    await settle();
    network.latest.moveTo("turn-tls");
    expect(session.state).toEqual({ name: "checking", rung: "turn-tls" });
  });

  test("does not end a pause", async () => {
    const session = await live();
    await session.pause();
    network.latest.moveTo("turn-udp");
    expect(session.state).toEqual({ name: "paused", cause: "student" });
    await session.resume();
    expect(session.state).toEqual({ name: "live", rung: "turn-udp" });
  });
});

describe("a network that changes", () => {
  test("lets a connection show that it still carries, and leaves it alone", async () => {
    const session = await live();
    session.networkChanged();
    await settle();
    expect(network.latest.checks).toBe(1);
    expect(network.transports).toHaveLength(1);
  });

  test("lets a session of single pictures look for a better way beside them", async () => {
    const session = await livePictures();
    const [pictures] = network.transports;
    network.failures.push(new EyeError("connection_failed"));
    session.networkChanged();
    await settle();
    expect(pictures?.closed).toBe(false);
    session.networkChanged();
    await settle();
    expect(network.requests.map(({ ticket }) => ticket)).toEqual([null, TICKET, TICKET]);
    expect(pictures?.closed).toBe(true);
    expect(network.latest.closed).toBe(false);
    expect(session.state).toEqual({ name: "live", rung: "direct" });
    expect(names()).not.toContain("reconnecting");
  });

  test("is not waited for: a better way is looked for anyhow", async () => {
    const session = await livePictures();
    await settle(2_000);
    expect(session.state).toEqual({ name: "live", rung: "direct" });
    expect(network.latest.sentTypes).toEqual(["resume"]);
  });

  test("a pause holds on the better way as well", async () => {
    const session = await livePictures();
    await session.pause();
    session.networkChanged();
    await settle();
    expect(session.state).toEqual({ name: "paused", cause: "student" });
    expect(network.latest.sentTypes).toEqual(["pause"]);
  });

  test("a session that has ended looks no more", async () => {
    const session = await livePictures();
    network.latest.say(summary);
    await session.finished;
    await settle(600_000);
    expect(network.requests).toHaveLength(1);
  });

  test("shortens the wait for the next attempt", async () => {
    const session = await live();
    network.failures.push(new EyeError("overloaded", { retryAfterMs: 30_000 }));
    network.latest.breakDown();
    await settle();
    expect(session.state.name).toBe("reconnecting");
    session.networkChanged();
    await settle();
    expect(session.state.name).toBe("live");
  });
});

describe("a pause", () => {
  test("tells the service, sends no picture and lets go of the camera", async () => {
    const preview: { srcObject: MediaProvider | null } = { srcObject: null };
    const session = await live({ preview });
    await session.pause();
    expect(session.state).toEqual({ name: "paused", cause: "student" });
    expect(network.latest.sentTypes).toEqual(["resume", "pause"]);
    expect(network.latest.published.at(-1)).toBeNull();
    expect(camera.track?.readyState).toBe("ended");
    expect(preview.srcObject).toBeNull();
  });

  test("ends with the camera open again", async () => {
    const session = await live();
    await session.pause();
    expect(await session.resume()).toBe(true);
    expect(session.state.name).toBe("live");
    expect(network.latest.sentTypes).toEqual(["resume", "pause", "resume"]);
    expect(network.latest.published.at(-1)).toBe(camera.track);
    expect(camera.opened).toBe(2);
  });

  test("goes on when the camera does not come back", async () => {
    const session = await live();
    await session.pause();
    camera.failure = new EyeError("camera_busy");
    expect(await session.resume()).toBe(false);
    expect(session.state).toEqual({ name: "paused", cause: "student" });
    expect(errors.map(({ reason }) => reason)).toEqual(["camera_busy"]);
    expect(await session.resume()).toBe(true);
  });

  test("can be stopped", async () => {
    const session = await live();
    await session.pause();
    const stopped = session.stop();
    await settle();
    network.latest.say(summary);
    expect(await stopped).toEqual(summary);
  });

  test("that was not begun cannot end", async () => {
    const session = await live();
    expect(await session.resume()).toBe(false);
    expect(camera.opened).toBe(1);
  });
});

describe("a camera", () => {
  test("that is unplugged pauses the session until it is back", async () => {
    const session = await live();
    camera.track?.unplug();
    await settle();
    expect(session.state).toEqual({ name: "paused", cause: "camera_lost" });
    expect(errors.map(({ reason }) => reason)).toEqual(["camera_lost"]);
    expect(network.latest.sentTypes).toEqual(["resume", "pause"]);
    expect(await session.resume()).toBe(true);
    expect(session.state.name).toBe("live");
  });

  test("that is muted is not lost, and no time is judged", async () => {
    const session = await live();
    const codes: string[] = [];
    session.on("notice", ({ code }) => codes.push(code));
    camera.track?.mute(true);
    expect(network.latest.saidLater).toEqual([{ type: "pause" }]);
    camera.track?.mute(false);
    expect(network.latest.saidLater).toEqual([{ type: "pause" }, { type: "resume" }]);
    expect(codes).toEqual(["camera_muted", "camera_unmuted"]);
    expect(session.state.name).toBe("live");
  });

  test("that is muted says so on the next connection as well", async () => {
    await live();
    camera.track?.mute(true);
    network.latest.breakDown();
    await settle();
    expect(network.latest.sentTypes).toEqual(["pause"]);
  });

  test("that is muted leaves a pause to the student", async () => {
    const session = await live();
    await session.pause();
    await session.resume();
    camera.track?.mute(true);
    await session.pause();
    await session.resume();
    expect(network.latest.saidLater.map(({ type }) => type).slice(-3)).toEqual([
      "pause",
      "pause",
      "resume",
    ]);
  });

  test("that is changed for one that sends pictures is measured again", async () => {
    const session = await live();
    camera.track?.mute(true);
    await session.useCamera("second");
    expect(network.latest.saidLater).toEqual([{ type: "pause" }, { type: "resume" }]);
  });

  test("can be changed for another one", async () => {
    const session = await live();
    await session.useCamera("second");
    expect(camera.chosen).toEqual(["second"]);
    expect(camera.opened).toBe(2);
    expect(network.latest.published.at(-1)).toBe(camera.track && asTrack(camera.track));
    expect(session.state.name).toBe("live");
  });

  test("that cannot be changed pauses the session and says why", async () => {
    const session = await live();
    camera.failure = new EyeError("camera_busy");
    await session.useCamera("second");
    expect(session.state).toEqual({ name: "paused", cause: "camera_lost" });
    expect(errors.map(({ reason }) => reason)).toEqual(["camera_busy"]);
  });
});
