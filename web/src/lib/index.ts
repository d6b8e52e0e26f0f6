/** A student's camera to the eye-tracking service: live metrics back, one summary at the end. */

export type { TokenSource } from "./bearer.js";
export { listCameras } from "./camera.js";
export {
  CameraCheck,
  type CheckAnswer,
  type CheckItem,
  type CheckReport,
  type CheckSight,
  firstProblem,
} from "./camera-check.js";
export { createEyeSession } from "./create.js";
export { EyeError, type EyeErrorReason } from "./errors.js";
export type {
  AdviceMessage,
  HeadPose,
  HelloMessage,
  MetricsMessage,
  NoticeMessage,
  Quality,
  RunningMetrics,
  SummaryMessage,
} from "./messages.gen.js";
export type { EyeSessionOptions, Preview, VisibilitySource } from "./options.js";
export type { EyeSession, EyeSessionEvents } from "./session.js";
export type { PauseCause, Rung, SessionState, StateName } from "./state.js";
