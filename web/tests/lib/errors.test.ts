import { describe, expect, test } from "vitest";
import {
  cameraError,
  EyeError,
  eyeError,
  networkError,
  responseError,
} from "../../src/lib/errors.js";

function problem(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

describe("what getUserMedia rejects with", () => {
  test.each([
    ["NotAllowedError", "permission_denied"],
    ["SecurityError", "permission_denied"],
    ["NotFoundError", "no_camera"],
    ["OverconstrainedError", "no_camera"],
    ["NotReadableError", "camera_busy"],
    ["AbortError", "camera_failed"],
    ["SomethingNew", "camera_failed"],
  ])("%s is %s", (name, reason) => {
    const error = cameraError(new DOMException("…", name));
    expect(error).toMatchObject({ reason, retryable: false });
    expect(error.cause).toBeInstanceOf(DOMException);
  });
});

describe("what the service answers", () => {
  test.each([
    [400, "refused", false],
    [401, "token_refused", false],
    [403, "forbidden", false],
    [404, "session_gone", false],
    [409, "session_gone", false],
    [410, "session_gone", false],
    [415, "refused", false],
    [422, "refused", false],
    [429, "overloaded", true],
    [500, "service_failed", true],
    [502, "service_failed", true],
    [503, "overloaded", true],
  ])("%i is %s", async (status, reason, retryable) => {
    expect(await responseError(problem(status, {}))).toMatchObject({ reason, retryable });
  });

  test("carries the service's code and detail", async () => {
    const error = await responseError(
      problem(422, { code: "sdp_no_video", detail: "one video line" }),
    );
    expect(error).toMatchObject({
      reason: "refused",
      code: "sdp_no_video",
      detail: "one video line",
    });
  });

  test.each([
    ["token_expired", "token_expired"],
    ["token_used", "token_expired"],
    ["token_invalid", "token_refused"],
    ["token_missing", "token_refused"],
  ])("401 %s is %s", async (code, reason) => {
    expect(await responseError(problem(401, { code }))).toMatchObject({ reason, code });
  });

  test.each(["ice_no_candidate", "ice_no_port", "ice_no_relay"])(
    "503 with %s closes the way of video only, so that pictures are tried",
    async (code) => {
      const error = await responseError(problem(503, { code }));
      expect(error).toMatchObject({ reason: "connection_failed", retryable: true, code });
    },
  );

  test("503 because it is switched off is not tried again", async () => {
    const error = await responseError(problem(503, { code: "streaming_disabled" }));
    expect(error).toMatchObject({ reason: "disabled", retryable: false });
  });

  test("Retry-After in seconds is kept in milliseconds", async () => {
    expect((await responseError(problem(503, {}, { "Retry-After": "7" }))).retryAfterMs).toBe(7000);
    expect(
      (await responseError(problem(503, {}, { "Retry-After": "soon" }))).retryAfterMs,
    ).toBeUndefined();
    expect((await responseError(problem(503, {}))).retryAfterMs).toBeUndefined();
  });

  test("an HTML page of a proxy, or a torn body, is an error by its status alone", async () => {
    const html = new Response("<h1>Bad Gateway</h1>", { status: 502 });
    expect((await responseError(html)).reason).toBe("service_failed");
    const torn = new Response('{"code": "over', {
      status: 503,
      headers: { "Content-Type": "application/json" },
    });
    expect(await responseError(torn)).toMatchObject({ reason: "overloaded", code: undefined });
    expect((await responseError(problem(400, null))).reason).toBe("refused");
  });
});

test("an error of the network can be tried again", () => {
  expect(networkError(new TypeError("Failed to fetch"))).toMatchObject({
    reason: "unreachable",
    retryable: true,
  });
});

test("anything else that was thrown is internal, an abort is aborted", () => {
  expect(eyeError(new Error("oops")).reason).toBe("internal");
  expect(eyeError("oops").reason).toBe("internal");
  expect(eyeError(new DOMException("…", "AbortError")).reason).toBe("aborted");
  const own = new EyeError("overloaded");
  expect(eyeError(own)).toBe(own);
});
