import { expect, test } from "vitest";
import { candidatesOf, choosing, type IceRung, onlyBy } from "../../src/lib/ice-choice.js";

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

const none = new Error("nothing to connect to");
const M_LINE = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
const BY_UDP = "a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n";
const BY_TCP = "a=candidate:2 1 tcp 1518280447 192.0.2.1 50000 typ host tcptype passive\r\n";

test("over TCP alone neither side learns a UDP address of the other", () => {
  const { offer, answer } = candidatesOf("direct-tcp", () => none);
  expect(offer(M_LINE + BY_UDP + BY_UDP)).toBe(M_LINE);
  expect(answer(M_LINE + BY_UDP + BY_TCP)).toBe(M_LINE + BY_TCP);
  expect(() => answer(M_LINE + BY_UDP)).toThrow(none);
});

test("over UDP alone no TCP port is tried", () => {
  const { offer, answer } = candidatesOf("direct", () => none);
  expect(offer(M_LINE + BY_UDP)).toBe(M_LINE + BY_UDP);
  expect(answer(M_LINE + BY_UDP + BY_TCP)).toBe(M_LINE + BY_UDP);
});

test("a relay takes every candidate", () => {
  const { offer, answer } = candidatesOf("turn-udp", () => none);
  const all = M_LINE + BY_UDP + BY_TCP;
  expect([offer(all), answer(all)]).toEqual([all, all]);
});
