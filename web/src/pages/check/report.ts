/** What a connection test found: for the page, for the help desk, and as JSON. */

import type { EyeErrorReason } from "../../lib/errors.js";
import type { Rung } from "../../lib/state.js";
import type { TextKey } from "../../texts/en.js";

/** Best first. */
export const RUNGS: readonly Rung[] = [
  "direct",
  "direct-tcp",
  "turn-udp",
  "turn-tcp",
  "turn-tls",
  "websocket",
  "rest",
];

export type Outcome =
  | { readonly result: "works"; readonly connectMs: number; readonly roundTripMs: number | null }
  | { readonly result: "fails"; readonly reason: EyeErrorReason; readonly code?: string }
  /** The service has no server for this way. */
  | { readonly result: "absent" };

export interface Report {
  readonly checkedAt: string;
  readonly service: string;
  readonly browser: string;
  readonly camera: Outcome;
  readonly signaling: Outcome;
  readonly rungs: Readonly<Record<Rung, Outcome>>;
}

/** The best way that works. */
export function bestRung({ rungs }: Pick<Report, "rungs">): Rung | null {
  return RUNGS.find((rung) => rungs[rung].result === "works") ?? null;
}

/** Which sentence tells how it stands. */
export function verdictOf(report: Report): TextKey {
  const best = bestRung(report);
  if (report.signaling.result !== "works") return "check.verdict.service";
  if (best === null) return "check.verdict.none";
  if (report.camera.result !== "works") return "check.verdict.camera";
  return best === "websocket" || best === "rest" ? "check.verdict.pictures" : "check.verdict.works";
}
