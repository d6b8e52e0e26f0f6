// Made by `npm run types` from rtc_server/metrics/wire.py: change it there.

import type { Shape } from "./shape.js";

/** How the publisher may spare both sides work; obeying is voluntary. */
export interface AdviceMessage {
  v: 1;
  type: "advice";
  max_fps: number;
  scale_down_by: number;
  reason: string;
}

/** First on a WebSocket: begin a session, by token where one is needed, or go on with one. */
export interface AttachMessage {
  v: 1;
  type: "attach";
  user_id?: string | number | null;
  module_id?: string | number | null;
  section_id?: string | number | null;
  token?: string | null;
  session_id?: string | null;
  resume_token?: string | null;
}

/** Answers `attach`: what WHIP says in its headers. */
export interface AttachedMessage {
  v: 1;
  type: "attached";
  session_id: string;
  resource: string;
  resume_token: string;
}

/** The student is done: settle the account and send the summary. */
export interface ByeMessage {
  v: 1;
  type: "bye";
}

/**
 * Take the present head pose as neutral, or with `point` the gaze as on that point.
 * 
 * With `keep` the parameters that the points settle are kept with the session once it is over:
 * a dozen numbers in its summary, exported and erased with it. The last point's word counts.
 */
export interface CalibrateMessage {
  v: 1;
  type: "calibrate";
  point?: Point | null;
  keep?: boolean;
}

/** The student agreed to this version of the text. */
export interface ConsentMessage {
  v: 1;
  type: "consent";
  version: string;
}

/** Head rotation in degrees; camera axes, x right, y down. */
export interface HeadPose {
  yaw: number;
  pitch: number;
  roll: number;
}

/** First on `control`: what this session is and can do. */
export interface HelloMessage {
  v: 1;
  type: "hello";
  session_id: string;
  fps: number;
  features: string[];
}

/** One analysed frame. `is_focused` is null where it is not known. */
export interface MetricsMessage {
  v: 1;
  type: "metrics";
  seq: number;
  media_time: number;
  face_count: number;
  quality: Quality;
  is_focused: boolean | null;
  state: string;
  cause: string | null;
  gaze_direction: "center" | "left" | "right" | "up" | "down" | null;
  gaze_vector: [number, number, number] | null;
  gaze_point: [number, number] | null;
  head_pose: HeadPose | null;
  eye_openness: number | null;
  blinks: number;
  blink_rate: number | null;
  perclos: number | null;
  attention_score: number | null;
  metrics: RunningMetrics;
}

/** Something the student or the page should know; `code` is stable. */
export interface NoticeMessage {
  v: 1;
  type: "notice";
  code: string;
  message: string;
}

/** Stop measuring until `resume`; the time is unknown. */
export interface PauseMessage {
  v: 1;
  type: "pause";
}

/** Sent every two seconds; six seconds without one and the peer counts as lost. */
export interface PingMessage {
  v: 1;
  type: "ping";
  t: number;
}

/** Where on the screen the student looks now: shares of its width and height. */
export interface Point {
  x: number;
  y: number;
}

/** Answers a `ping` with its `t`. */
export interface PongMessage {
  v: 1;
  type: "pong";
  t: number;
}

/**
 * What the picture allows: pixels between the eyes, and a 0-1 share of each aspect.
 * 
 * `ok`: good enough for anything; `lids` and `gaze`: the face is large enough for those.
 */
export interface Quality {
  ok: boolean;
  inter_ocular_px: number | null;
  luminance: number | null;
  sharpness: number | null;
  lids?: boolean;
  gaze?: boolean;
}

/** Go on after `pause`. */
export interface ResumeMessage {
  v: 1;
  type: "resume";
}

/** Totals since the session began, in seconds, under the names of the old service. */
export interface RunningMetrics {
  focused_time: number;
  unfocused_time: number;
  unknown_time: number;
  pending_time: number;
  total_time: number;
  focus_percentage: number;
  focus_sessions: number;
  unfocus_sessions: number;
  current_state: string;
  detection_rate: number;
  frames_processed: number;
}

/** The session's account, last on `control`; times in seconds. */
export interface SummaryMessage {
  v: 1;
  type: "summary";
  session_id: string;
  end_reason: string;
  elapsed: number;
  focused_time: number;
  unfocused_time: number;
  unknown_time: number;
  total_time: number;
  focus_percentage: number;
  focus_sessions: number;
  unfocus_sessions: number;
  unfocused_by_cause: Record<string, number>;
  unknown_by_cause: Record<string, number>;
  blink_count: number;
  blink_rate: number | null;
  perclos: number | null;
  frames_processed: number;
  detection_rate: number;
  attention_score: number | null;
  gaze_directions?: Record<string, number>;
}

/** The page came into view or left it. */
export interface VisibilityMessage {
  v: 1;
  type: "visibility";
  state: "visible" | "hidden";
}

export type ServerMessage =
  | HelloMessage
  | AttachedMessage
  | MetricsMessage
  | AdviceMessage
  | NoticeMessage
  | SummaryMessage
  | PongMessage;

export type ClientMessage =
  | AttachMessage
  | ConsentMessage
  | PingMessage
  | VisibilityMessage
  | PauseMessage
  | ResumeMessage
  | CalibrateMessage
  | ByeMessage;

/** What a message of the service must at least be; see shape.ts. */
export const serverShapes: { readonly [T in ServerMessage["type"]]: Shape } = {
  hello: {"object":{"v":{"is":[1]},"type":{"is":["hello"]},"session_id":"string","fps":"number","features":{"list":"string"}}},
  attached: {"object":{"v":{"is":[1]},"type":{"is":["attached"]},"session_id":"string","resource":"string","resume_token":"string"}},
  metrics: {"object":{"v":{"is":[1]},"type":{"is":["metrics"]},"seq":"integer","media_time":"number","face_count":"integer","quality":{"object":{"ok":"boolean","inter_ocular_px":{"any":["number","null"]},"luminance":{"any":["number","null"]},"sharpness":{"any":["number","null"]},"lids":{"any":["boolean","absent"]},"gaze":{"any":["boolean","absent"]}}},"is_focused":{"any":["boolean","null"]},"state":"string","cause":{"any":["string","null"]},"gaze_direction":{"any":[{"is":["center","left","right","up","down"]},"null"]},"gaze_vector":{"any":[{"tuple":["number","number","number"]},"null"]},"gaze_point":{"any":[{"tuple":["number","number"]},"null"]},"head_pose":{"any":[{"object":{"yaw":"number","pitch":"number","roll":"number"}},"null"]},"eye_openness":{"any":["number","null"]},"blinks":"integer","blink_rate":{"any":["number","null"]},"perclos":{"any":["number","null"]},"attention_score":{"any":["number","null"]},"metrics":{"object":{"focused_time":"number","unfocused_time":"number","unknown_time":"number","pending_time":"number","total_time":"number","focus_percentage":"number","focus_sessions":"integer","unfocus_sessions":"integer","current_state":"string","detection_rate":"number","frames_processed":"integer"}}}},
  advice: {"object":{"v":{"is":[1]},"type":{"is":["advice"]},"max_fps":"number","scale_down_by":"number","reason":"string"}},
  notice: {"object":{"v":{"is":[1]},"type":{"is":["notice"]},"code":"string","message":"string"}},
  summary: {"object":{"v":{"is":[1]},"type":{"is":["summary"]},"session_id":"string","end_reason":"string","elapsed":"number","focused_time":"number","unfocused_time":"number","unknown_time":"number","total_time":"number","focus_percentage":"number","focus_sessions":"integer","unfocus_sessions":"integer","unfocused_by_cause":{"record":"number"},"unknown_by_cause":{"record":"number"},"blink_count":"integer","blink_rate":{"any":["number","null"]},"perclos":{"any":["number","null"]},"frames_processed":"integer","detection_rate":"number","attention_score":{"any":["number","null"]},"gaze_directions":{"any":[{"record":"number"},"absent"]}}},
  pong: {"object":{"v":{"is":[1]},"type":{"is":["pong"]},"t":"number"}},
};
