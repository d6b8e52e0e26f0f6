// Writes down what comes out of the data channels, beside the library under test, not through it.
const recorded = { metrics: [], control: [], stoppedAt: null };
globalThis.recorded = recorded;

/** Resolves when metrics have arrived for so many seconds. */
globalThis.recordedFor = (wanted) =>
  new Promise((resolve) => {
    waiting = () => {
      const { metrics } = recorded;
      if (metrics.length > 0 && metrics.at(-1)[0] - metrics[0][0] >= wanted) resolve();
    };
  });

let waiting = () => {};
const seconds = () => performance.now() / 1000;
const create = RTCPeerConnection.prototype.createDataChannel;

RTCPeerConnection.prototype.createDataChannel = function (label, options) {
  const channel = create.call(this, label, options);
  channel.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    const list = message.type === "metrics" ? recorded.metrics : recorded.control;
    list.push([seconds(), message]);
    waiting();
  });
  return channel;
};

addEventListener(
  "click",
  ({ target }) => {
    if (target.dataset?.testid === "stop") recorded.stoppedAt = seconds();
  },
  true,
);
