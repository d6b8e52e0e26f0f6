/** Which way ICE found, from the statistics of the connection. */

import type { Rung } from "./state.js";

type Entry = Readonly<Record<string, unknown>>;

const RELAYS: Readonly<Record<string, Rung>> = { tcp: "turn-tcp", tls: "turn-tls" };

/**
 * The rung of the selected candidate pair (W3C WebRTC Statistics, RTCTransportStats). A relay of the
 * service's own is one over UDP: that is how this side reaches it.
 */
export function rungOf(stats: RTCStatsReport): Rung {
  const entries = new Map<string, Entry>();
  stats.forEach((entry: Entry, id) => {
    entries.set(id, entry);
  });
  const pair = selectedPair(entries);
  const local = entries.get(String(pair?.["localCandidateId"]));
  const remote = entries.get(String(pair?.["remoteCandidateId"]));
  if (local?.["candidateType"] === "relay")
    return RELAYS[String(local["relayProtocol"])] ?? "turn-udp";
  if (remote?.["candidateType"] === "relay") return "turn-udp";
  return local?.["protocol"] === "tcp" ? "direct-tcp" : "direct";
}

function selectedPair(entries: ReadonlyMap<string, Entry>): Entry | undefined {
  const all = [...entries.values()];
  const transport = all.find(({ type }) => type === "transport");
  const selected = entries.get(String(transport?.["selectedCandidatePairId"]));
  // Firefox has no transport entry and marks the pair itself
  return (
    selected ??
    all.find((entry) => entry["type"] === "candidate-pair" && entry["selected"] === true)
  );
}
