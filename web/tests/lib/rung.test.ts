import { expect, test } from "vitest";
import { rungOf } from "../../src/lib/rung.js";

/** Statistics with one selected pair whose local candidate is `local`. */
function stats(
  local: object,
  marked: "by transport" | "by itself" = "by transport",
  remote: object = { candidateType: "host" },
): RTCStatsReport {
  const selected = marked === "by itself" ? { selected: true } : {};
  const entries: [string, object][] = [
    ["C1", { type: "local-candidate", candidateType: "host" }],
    ["C2", { type: "local-candidate", ...local }],
    ["P1", { type: "candidate-pair", localCandidateId: "C1", selected: false }],
    ["R1", { type: "remote-candidate", ...remote }],
    [
      "P2",
      { type: "candidate-pair", localCandidateId: "C2", remoteCandidateId: "R1", ...selected },
    ],
  ];
  if (marked === "by transport")
    entries.push(["T", { type: "transport", selectedCandidatePairId: "P2" }]);
  return new Map(entries) as unknown as RTCStatsReport;
}

test.each([
  [{ candidateType: "host" }, "direct"],
  [{ candidateType: "srflx" }, "direct"],
  [{ candidateType: "prflx" }, "direct"],
  [{ candidateType: "host", protocol: "udp" }, "direct"],
  [{ candidateType: "host", protocol: "tcp" }, "direct-tcp"],
  [{ candidateType: "prflx", protocol: "tcp" }, "direct-tcp"],
  [{ candidateType: "relay", relayProtocol: "udp" }, "turn-udp"],
  [{ candidateType: "relay", relayProtocol: "tcp" }, "turn-tcp"],
  [{ candidateType: "relay", relayProtocol: "tls" }, "turn-tls"],
  [{ candidateType: "relay" }, "turn-udp"],
] as const)("%j is %s", (local, rung) => {
  expect(rungOf(stats(local))).toBe(rung);
  expect(rungOf(stats(local, "by itself"))).toBe(rung);
});

test.each([
  [{ candidateType: "host" }, "turn-udp"],
  [{ candidateType: "prflx" }, "turn-udp"],
  [{ candidateType: "relay", relayProtocol: "tls" }, "turn-tls"],
] as const)("%j to a relay of the service is %s", (local, rung) => {
  expect(rungOf(stats(local, "by transport", { candidateType: "relay" }))).toBe(rung);
});

test("no selected pair yet counts as direct", () => {
  expect(rungOf(new Map() as unknown as RTCStatsReport)).toBe("direct");
});
