/**
 * What the old service's page does, with the client library it loads: connect, start, send
 * pictures, stop. `node old-page.mjs URL PICTURE` prints each event it hears as a line of JSON.
 */
import { readFileSync } from "node:fs";
import { io } from "socket.io-client";

const [url, picture] = process.argv.slice(2);
const frame = `data:image/jpeg;base64,${readFileSync(picture).toString("base64")}`;
const socket = io(url, { extraHeaders: { Origin: url } });
const PICTURES = 3;
let updates = 0;

function tell(event, body) {
  process.stdout.write(`${JSON.stringify([event, body ?? null])}\n`);
}

function send() {
  socket.emit("video_frame", { frame, timestamp: Date.now() });
}

socket.on("connect_error", (error) => {
  tell("connect_error", String(error));
  process.exit(1);
});
socket.on("connected", (body) => {
  tell("connected", body);
  socket.emit("start_tracking", { user_id: 7, module_id: 3, section_id: null });
});
socket.on("tracking_started", (body) => {
  tell("tracking_started", body);
  send();
});
socket.on("tracking_update", (body) => {
  tell("tracking_update", body);
  updates += 1;
  if (updates < PICTURES) setTimeout(send, 100);
  else socket.emit("stop_tracking");
});
socket.on("tracking_stopped", (body) => {
  tell("tracking_stopped", body);
  socket.close();
});
socket.on("error", (body) => tell("error", body));
