/** Everything that can go wrong, by reason: `reason` is for programs, `message` for people. */

interface Kind {
  readonly message: string;
  /** Whether trying again without the student's help makes sense. */
  readonly retryable: boolean;
}

export const KINDS = {
  permission_denied: kind("The camera may not be used on this page."),
  no_camera: kind("No camera was found."),
  camera_busy: kind("Another program is using the camera."),
  camera_lost: kind("The camera was disconnected."),
  camera_failed: kind("The camera could not be started."),
  insecure_page: kind("Browsers hand out the camera on https pages only."),
  unsupported: kind("This browser cannot send video."),
  token_expired: kind("The sign-in of this page has expired."),
  token_refused: kind("The service does not know the sign-in of this page."),
  forbidden: kind("The service does not take sessions from this page."),
  refused: kind("The service refused the connection."),
  session_gone: kind("The session has ended on the service."),
  disabled: kind("Eye tracking is switched off at the moment."),
  overloaded: kind("The service is busy.", true),
  service_failed: kind("The service has a problem.", true),
  unreachable: kind("The service cannot be reached.", true),
  connection_failed: kind("The network does not let the video through.", true),
  aborted: kind("The session was stopped."),
  internal: kind("Something went wrong in the page."),
} as const satisfies Record<string, Kind>;

function kind(message: string, retryable = false): Kind {
  return { message, retryable };
}

export type EyeErrorReason = keyof typeof KINDS;

interface Details {
  cause?: unknown;
  /** The service's stable problem code. */
  code?: string | undefined;
  /** What the service said of it. */
  detail?: string | undefined;
  retryAfterMs?: number | undefined;
}

export class EyeError extends Error {
  override readonly name = "EyeError";
  readonly retryable: boolean;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly reason: EyeErrorReason,
    { cause, code, detail, retryAfterMs }: Details = {},
  ) {
    super(KINDS[reason].message, { cause });
    this.retryable = KINDS[reason].retryable;
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whatever was thrown, as an {@link EyeError}. */
export function eyeError(cause: unknown): EyeError {
  if (cause instanceof EyeError) return cause;
  return new EyeError(nameOf(cause) === "AbortError" ? "aborted" : "internal", { cause });
}

const CAMERA_REASONS: Readonly<Record<string, EyeErrorReason>> = {
  NotAllowedError: "permission_denied",
  SecurityError: "permission_denied",
  NotFoundError: "no_camera",
  OverconstrainedError: "no_camera",
  NotReadableError: "camera_busy",
  AbortError: "camera_failed",
};

/** What `getUserMedia` rejects with (Media Capture and Streams, 10.2). */
export function cameraError(cause: unknown): EyeError {
  return new EyeError(CAMERA_REASONS[nameOf(cause)] ?? "camera_failed", { cause });
}

/** What `fetch` rejects with: it never says more than that it failed. */
export function networkError(cause: unknown): EyeError {
  return new EyeError("unreachable", { cause });
}

/** What an answer outside 2xx means, with the service's problem+json where it sent one. */
export async function responseError(response: Response): Promise<EyeError> {
  const { code, detail } = await problemOf(response);
  const retryAfterMs = retryAfterOf(response);
  return new EyeError(reasonOf(response.status, code), { code, detail, retryAfterMs });
}

/** What is wrong with a token that was good: with a fresh one all is well. */
const EXPIRED: ReadonlySet<string | undefined> = new Set(["token_expired", "token_used"]);

/** What the service's code for a missing or bad token means. */
export function tokenReason(code: string | undefined): EyeErrorReason {
  return EXPIRED.has(code) ? "token_expired" : "token_refused";
}

const STATUS_REASONS: Readonly<Record<number, EyeErrorReason>> = {
  403: "forbidden",
  404: "session_gone",
  409: "session_gone",
  410: "session_gone",
  429: "overloaded",
  503: "overloaded",
};

/** The service has no address or port left for video; pictures need none. */
const NO_WAY: ReadonlySet<string | undefined> = new Set([
  "ice_no_candidate",
  "ice_no_port",
  "ice_no_relay",
]);

function reasonOf(status: number, code: string | undefined): EyeErrorReason {
  if (status === 401) return tokenReason(code);
  if (NO_WAY.has(code)) return "connection_failed";
  if (status === 503 && code?.includes("disabled")) return "disabled";
  return STATUS_REASONS[status] ?? (status >= 500 ? "service_failed" : "refused");
}

async function problemOf(response: Response): Promise<{ code?: string; detail?: string }> {
  if (!response.headers.get("Content-Type")?.includes("json")) return {};
  try {
    const body: unknown = await response.json();
    return { ...textField(body, "code"), ...textField(body, "detail") };
  } catch {
    return {}; // cut off on the way: the status says enough
  }
}

function textField<Key extends string>(body: unknown, key: Key): { [K in Key]?: string } {
  const value = (body as Record<string, unknown> | null)?.[key];
  return (typeof value === "string" ? { [key]: value } : {}) as { [K in Key]?: string };
}

/** RFC 9110, 10.2.3; the form in seconds only, which is what the service sends. */
function retryAfterOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function nameOf(cause: unknown): string {
  const name = (cause as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : "";
}
