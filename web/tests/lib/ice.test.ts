import { describe, expect, test } from "vitest";
import { iceServersOf } from "../../src/lib/ice.js";

const TURN = {
  urls: ["turn:turn.example.org:3478?transport=udp"],
  username: "1799999999:a",
  credential: "s3cret",
};

describe("JSON", () => {
  test.each([
    ["ice_servers", { ice_servers: [TURN] }],
    ["iceServers", { iceServers: [TURN] }],
    ["a bare array", [TURN]],
  ])("%s is read", (_, body) => {
    expect(iceServersOf(body)).toEqual([TURN]);
  });

  test("urls may be a string, and the old name is known", () => {
    expect(iceServersOf([{ urls: "stun:a" }, { url: "stun:b" }])).toEqual([
      { urls: "stun:a" },
      { urls: "stun:b" },
    ]);
  });

  test.each([
    null,
    1,
    "stun:a",
    {},
    { ice_servers: "stun:a" },
    [null, {}, { urls: 5 }, { urls: [5] }],
  ])("%j holds no server", (body) => {
    expect(iceServersOf(body)).toEqual([]);
  });
});
