/** The one state of a session. */

import type { EyeError } from "./errors.js";

/** How the pictures travel, best first. */
export type Rung =
  | "direct"
  | "direct-tcp"
  | "turn-udp"
  | "turn-tcp"
  | "turn-tls"
  | "websocket"
  | "rest";

export type PauseCause = "student" | "camera_lost";

export type SessionState =
  | { readonly name: "new" }
  /** Waiting for the camera, perhaps for the student's permission. */
  | { readonly name: "camera" }
  /** `attempt` counts from 0. */
  | { readonly name: "connecting"; readonly attempt: number }
  /** Pictures are analysed, so that the student can put right what is wrong; no time is judged. */
  | { readonly name: "checking"; readonly rung: Rung }
  | { readonly name: "live"; readonly rung: Rung }
  | { readonly name: "paused"; readonly cause: PauseCause }
  /** The connection broke; the same session goes on as soon as there is another. */
  | { readonly name: "reconnecting"; readonly attempt: number }
  /** Saying goodbye: the summary is on its way. */
  | { readonly name: "stopping" }
  /** `reason` as the service gave it, or `error`. */
  | { readonly name: "ended"; readonly reason: string; readonly error: EyeError | null };

export type StateName = SessionState["name"];

const NEXT: { readonly [Name in StateName]: readonly StateName[] } = {
  new: ["camera", "stopping", "ended"],
  camera: ["connecting", "stopping", "ended"],
  connecting: ["connecting", "checking", "live", "paused", "stopping", "ended"],
  checking: ["checking", "live", "paused", "reconnecting", "stopping", "ended"],
  live: ["live", "paused", "reconnecting", "stopping", "ended"],
  paused: ["paused", "checking", "live", "reconnecting", "stopping", "ended"],
  reconnecting: ["reconnecting", "checking", "live", "paused", "stopping", "ended"],
  stopping: ["ended"],
  ended: [],
};

/** Whether a session may go from one state to the other. */
export function mayFollow(from: StateName, to: StateName): boolean {
  return NEXT[from].includes(to);
}
