// A page of somebody else: the npm package whip-whep publishes the camera, and a plain request
// reads what the service says. It knows WHIP (RFC 9725) and nothing of this service's own client.
import { WHIPClient } from "./whip.js";

const seen = { metrics: [], summary: null, statuses: [] };
globalThis.seen = seen;

const nativeFetch = globalThis.fetch;
globalThis.fetch = async (url, init) => {
  const response = await nativeFetch(url, init);
  seen.statuses.push([init?.method ?? "GET", response.status]);
  return response;
};

let whip;
let peer;

globalThis.publish = async (endpoint, token, { audio, h264 }) => {
  const media = await navigator.mediaDevices.getUserMedia({ video: true, audio });
  peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  for (const track of media.getTracks()) {
    const { sender } = peer.addTransceiver(track, { direction: "sendonly", streams: [media] });
    if (track.kind === "video" && h264) {
      const { codecs } = RTCRtpSender.getCapabilities("video");
      const wanted = codecs.filter(({ mimeType }) => mimeType === "video/H264");
      peer.getTransceivers().find((one) => one.sender === sender).setCodecPreferences(wanted);
    }
  }
  whip = new WHIPClient();
  await whip.publish(peer, endpoint, token);
  void listen(`${whip.resourceURL}/events`, token);
};

// not EventSource: it cannot carry a token
async function listen(url, token) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await nativeFetch(url, { headers });
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split("\n\n");
    rest = events.pop();
    for (const event of events) note(event.replace(/^data: /, ""));
  }
}

function note(text) {
  if (!text.startsWith("{")) return;
  const message = JSON.parse(text);
  if (message.type === "metrics") seen.metrics.push(message.seq);
  if (message.type === "summary") seen.summary = message;
  for (const look of waiting.splice(0)) look();
}

const waiting = [];

globalThis.sees = (count) =>
  new Promise((resolve) => {
    const look = () => (seen.metrics.length >= count ? resolve() : waiting.push(look));
    look();
  });

globalThis.restart = () => whip.restart();
globalThis.stop = () => whip.stop();
globalThis.state = () => peer.connectionState;
