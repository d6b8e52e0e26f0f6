"""Errors as HTTP: the only place that knows status codes. RFC 9457 problem details."""

import math
from collections.abc import Mapping
from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from rtc_server.base import errors

PROBLEM_JSON = "application/problem+json"


class BadRequest(errors.RtcServerError):
    """The request is not one this service understands."""

    code = "bad_request"


class TooSlow(errors.RtcServerError):
    """The body did not come in time."""

    code = "body_too_slow"


class UnsupportedType(errors.RtcServerError):
    """The body is of another media type than the one expected."""

    code = "unsupported_media_type"


class UnsupportedEncoding(errors.RtcServerError):
    """Bodies are taken as they are, not compressed."""

    code = "unsupported_content_encoding"


class PreconditionRequired(errors.RtcServerError):
    """If-Match with the resource's ETag is missing."""

    code = "precondition_required"


class PreconditionFailed(errors.RtcServerError):
    """If-Match names another connection than the present one."""

    code = "precondition_failed"


class OriginRefused(errors.RtcServerError):
    """This origin is not in ALLOWED_ORIGINS."""

    code = "origin_refused"


class RateLimited(errors.RtcServerError):
    """More frames than MAX_CLIENT_FPS, or more messages than anybody has to say."""

    code = "rate_limited"

    def __init__(self, retry_after: float, *, code: str | None = None) -> None:
        """``retry_after``: seconds until the next one is taken."""
        super().__init__("Rate limit exceeded", code=code)
        self.retry_after = retry_after


class Unauthorized(errors.RtcServerError):
    """A session token is needed: send it as Authorization: Bearer."""

    code = "token_missing"


class Forbidden(errors.RtcServerError):
    """This is not yours."""

    code = "forbidden"


class LimitReached(errors.RtcServerError):
    """One client asks for more than its share."""

    code = "limit_reached"

    def __init__(self, message: str, *, code: str, retry_after: float) -> None:
        """``retry_after``: seconds after which another try makes sense."""
        super().__init__(message, code=code)
        self.retry_after = retry_after


class StreamingDisabled(errors.RtcServerError):
    """ENABLE_BROWSER_EYE_STREAMING is off."""

    code = "streaming_disabled"


STATUS: tuple[tuple[type[errors.RtcServerError], int], ...] = (
    (UnsupportedType, 415),
    (UnsupportedEncoding, 415),
    (TooSlow, 408),
    (OriginRefused, 403),
    (Unauthorized, 401),
    (Forbidden, 403),
    (LimitReached, 429),
    (PreconditionRequired, 428),
    (PreconditionFailed, 412),
    (StreamingDisabled, 503),
    (RateLimited, 429),
    (BadRequest, 400),
    (errors.FrameRefused, 422),
    (errors.OfferRefused, 422),
    (errors.SessionNotFound, 404),
    (errors.SessionClosed, 410),
    (errors.Overloaded, 503),
    (errors.WorkerLost, 503),
    (errors.StoreUnavailable, 503),
    (errors.StaleEpoch, 409),
)
BY_CODE = {
    # it belongs to what was before an ICE restart
    "precondition_failed": 412,
    # no offer at all: 400 rather than 422 (RFC 9725, 4.2)
    "sdp_malformed": 400,
    "sdp_too_large": 400,
    "sdpfrag_malformed": 400,
    "frame_missing": 400,
    "frame_not_base64": 400,
    "frame_too_large": 413,
    # our own fault: no TURN server, no address, no free port
    "ice_no_relay": 503,
    "ice_no_candidate": 503,
    "ice_no_port": 503,
}


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it; ``code`` is stable, the rest is for people."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    code: str


def status_of(error: errors.RtcServerError) -> int:
    """The HTTP status that tells of ``error``."""
    return status_for(type(error), error.code)


def status_for(kind: type[errors.RtcServerError], code: str) -> int:
    """The HTTP status of errors of this kind with this code."""
    if code in BY_CODE:
        return BY_CODE[code]
    return next((status for known, status in STATUS if issubclass(kind, known)), 500)


def problem(error: errors.RtcServerError) -> web.Response:
    """``error`` as an ``application/problem+json`` response."""
    status = status_of(error)
    return problem_response(status, error.code, told(error), headers_of(error))


def told(error: errors.RtcServerError) -> str:
    """What a stranger may know of it: nothing of what went wrong inside."""
    if isinstance(error, errors.StoreUnavailable):
        return "The database does not answer; try again."
    inside = status_of(error) == web.HTTPInternalServerError.status_code
    return "Something went wrong here." if inside else str(error)


def headers_of(error: errors.RtcServerError) -> dict[str, str]:
    """When to come again, for the errors that pass by themselves; what is needed, for a 401."""
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": _challenge(error)}
    if status_of(error) not in {429, 503}:
        return {}
    return {"Retry-After": str(max(1, math.ceil(getattr(error, "retry_after", 5.0))))}


def _challenge(error: Unauthorized) -> str:
    """RFC 6750, section 3: the error is named only where a token was sent."""
    return "Bearer" if error.code == Unauthorized.code else 'Bearer error="invalid_token"'


def problem_response(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A problem document with a stable ``code``."""
    body = Problem(title=code.replace("_", " "), status=status, detail=detail, code=code)
    return web.Response(
        status=status,
        text=body.model_dump_json(),
        content_type=PROBLEM_JSON,
        headers=headers,
    )
