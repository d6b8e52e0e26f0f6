import { expect, test } from "vitest";
import { choosing, type IceRung, onlyBy } from "../../src/lib/ice-choice.js";

const login = { username: "u", credential: "c" };
const SERVERS: RTCIceServer[] = [
  { urls: "stun:turn.example.org" },
  {
    urls: ["turn:turn.example.org:3478", "turn:turn.example.org:3478?transport=tcp"],
    ...login,
  },
  { urls: "turns:turn.example.org:443?transport=tcp", ...login },
];

test.each([
  ["turn-udp", "turn:turn.example.org:3478"],
  ["turn-tcp", "turn:turn.example.org:3478?transport=tcp"],
  ["turn-tls", "turns:turn.example.org:443?transport=tcp"],
] as const)("%s goes by its own server only", (rung: IceRung, url) => {
  expect(onlyBy(rung, SERVERS)).toEqual({
    iceServers: [{ urls: [url], ...login }],
    iceTransportPolicy: "relay",
  });
});

test("direct uses no relay", () => {
  expect(onlyBy("direct", SERVERS)).toEqual({ iceServers: [{ urls: ["stun:turn.example.org"] }] });
});

test("a way that the service has no server for is told from one that fails", () => {
  const none = new Error("no server");
  expect(onlyBy("turn-tls", SERVERS.slice(0, 2))).toBeNull();
  expect(() => choosing("turn-tls", () => none)(SERVERS.slice(0, 2))).toThrow(none);
});
