/** What the service tells of sessions: `/openapi.json` has the same in full. */

export type Account = "focused" | "unfocused" | "unknown";
export type Direction = "center" | "left" | "right" | "up" | "down";

/** One session of `/api/live`. */
export interface LiveSession {
  readonly session_id: string;
  readonly user_id: string;
  readonly module_id: string;
  readonly section_id: string | null;
  readonly started_at: number;
  readonly state: "new" | "connecting" | "live" | "reconnecting" | "ended";
  readonly end_reason: string | null;
  readonly transport?: string | null;
  /** The older name of `transport`. */
  readonly way: string | null;
  readonly elapsed: number | null;
  readonly account: Account | "pending" | null;
  readonly cause: string | null;
  readonly score: number | null;
  readonly gaze: Direction | null;
  readonly focus_percentage: number | null;
  readonly fps: number | null;
  readonly usable: number | null;
  readonly trail: string;
}

export interface LiveRound {
  readonly at: number;
  readonly sessions: readonly LiveSession[];
}

/** The account of a session that has ended. */
export interface Summary {
  readonly elapsed: number;
  readonly focused_time: number;
  readonly unfocused_time: number;
  readonly unknown_time: number;
  readonly total_time: number;
  readonly focus_percentage: number;
  readonly unfocused_by_cause: Readonly<Record<string, number>>;
  readonly unknown_by_cause: Readonly<Record<string, number>>;
  readonly blink_count: number;
  readonly blink_rate: number | null;
  readonly perclos: number | null;
  readonly frames_processed: number;
  readonly attention_score: number | null;
}

/** One second. Older records lack what came later. */
export interface Sample {
  readonly second: number;
  readonly state: Account | "pending";
  readonly is_focused?: boolean | null;
  readonly face_count: number;
  readonly cause: string | null;
  readonly gaze_direction: Direction | null;
  readonly gaze_point: readonly [number, number] | null;
  readonly calibrated?: boolean;
  /** Yaw, pitch, roll in degrees. */
  readonly head_pose: readonly [number, number, number] | null;
  readonly eye_openness: number | null;
  readonly blinks: number;
  readonly attention_score: number | null;
}

export interface SessionOverview {
  readonly session_id: string;
  readonly user_id: string;
  readonly module_id: string;
  readonly section_id: string | null;
  readonly state: LiveSession["state"];
  readonly client: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
  readonly summary: Summary | null;
}

export interface SessionExport extends SessionOverview {
  readonly samples: readonly Sample[];
}

export interface SessionPage {
  readonly sessions: readonly SessionOverview[];
  readonly next_before: number | null;
}

export interface Quartiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export const MEASURES = ["focus_percentage", "unknown_percentage", "blink_rate"] as const;
export type Measure = (typeof MEASURES)[number];

export type Group = {
  readonly section_id: string | null;
  readonly suppressed: boolean;
  readonly students: number | null;
} & { readonly [Name in Measure]: Quartiles | null };

export interface Comparison {
  readonly module_id: string;
  readonly least_students: number;
  readonly groups: readonly Group[];
}
