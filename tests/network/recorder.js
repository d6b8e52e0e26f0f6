// Writes down what the page's session tells, whatever carries it, and keeps its peer connections.
const lab = { began: null, stopped: null, metrics: [], states: [], summary: null, error: null };
globalThis.lab = lab;
const peers = [];
const seconds = () => performance.now() / 1000;
let waiting = [];

/** Resolves when `metrics` have arrived for `wanted` seconds since `from` (of this page's clock). */
globalThis.labFlows = (from, wanted) =>
  new Promise((resolve, reject) => {
    const look = () => {
      const first = lab.metrics.find(([at]) => at >= from);
      if (first && lab.metrics.at(-1)[0] - first[0] >= wanted) resolve(first[0]);
      else if (lab.error) reject(new Error(lab.error));
      else waiting.push(look);
    };
    look();
  });

/** Addresses of the selected candidate pair of the newest connection that stands, or null. */
globalThis.labPair = async () => {
  const peer = peers.findLast(({ connectionState }) => connectionState === "connected");
  if (!peer) return null;
  const stats = await peer.getStats();
  const entries = [...stats.values()];
  const transport = entries.find(({ type }) => type === "transport");
  const pair = stats.get(transport?.selectedCandidatePairId);
  if (!pair) return null;
  const side = (id) => {
    const { address, candidateType, protocol, relayProtocol } = stats.get(id);
    return { address, candidateType, protocol, relayProtocol };
  };
  return { local: side(pair.localCandidateId), remote: side(pair.remoteCandidateId) };
};

/** Says it in the browser's stead: a headless tab is always in view. */
globalThis.labShow = (state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
  document.dispatchEvent(new Event("visibilitychange"));
};

/** Resolves when the page shows its summary; rejects after so many seconds. */
globalThis.labEnded = async (within) => {
  const until = seconds() + within;
  while (!document.querySelector("[data-testid=summary]")?.checkVisibility()) {
    if (seconds() > until) throw new Error("no summary");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const NativePeer = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends NativePeer {
  constructor(...values) {
    super(...values);
    peers.push(this);
  }
};

const note = () => {
  const lookers = waiting;
  waiting = [];
  for (const look of lookers) look();
};

const follow = (session) => {
  lab.began = seconds();
  session.on("metrics", (message) => {
    lab.metrics.push([seconds(), message]);
    note();
  });
  session.on("statechange", (state) => {
    lab.states.push([seconds(), state.name, state.rung ?? null]);
    note();
  });
  session.on("summary", (message) => {
    lab.summary = message;
  });
  session.on("error", (error) => {
    lab.error = String(error.reason ?? error);
    note();
  });
};

let session;
Object.defineProperty(globalThis, "eyeSession", {
  get: () => session,
  set: (value) => {
    session = value;
    follow(value);
  },
});

addEventListener(
  "click",
  ({ target }) => {
    if (target.dataset?.testid === "stop") lab.stopped = seconds();
  },
  true,
);
