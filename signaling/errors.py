"""Errors as HTTP: the only place that knows status codes. RFC 9457 problem details."""

import json
from collections.abc import Mapping

from aiohttp import web

from rtc_server import errors


class BadRequest(errors.RtcServerError):
    """The request is not one this service understands."""

    code = "bad_request"


class UnsupportedType(errors.RtcServerError):
    """The body is of another media type than the one expected."""

    code = "unsupported_media_type"


class OriginRefused(errors.RtcServerError):
    """This origin is not in ALLOWED_ORIGINS."""

    code = "origin_refused"


class StreamingDisabled(errors.RtcServerError):
    """ENABLE_BROWSER_EYE_STREAMING is off."""

    code = "streaming_disabled"


STATUS: tuple[tuple[type[errors.RtcServerError], int], ...] = (
    (UnsupportedType, 415),
    (OriginRefused, 403),
    (StreamingDisabled, 503),
    (BadRequest, 400),
    (errors.OfferRefused, 422),
    (errors.SessionNotFound, 404),
    (errors.SessionClosed, 410),
    (errors.Overloaded, 503),
    (errors.WorkerLost, 503),
    (errors.StoreUnavailable, 503),
    (errors.StaleEpoch, 409),
)
MALFORMED = frozenset({"sdp_malformed", "sdp_too_large"})
"""Refusals of an offer that is no offer at all: 400 rather than 422 (RFC 9725, 4.2)."""


def status_of(error: errors.RtcServerError) -> int:
    """The HTTP status that tells of ``error``."""
    if error.code in MALFORMED:
        return 400
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def problem(error: errors.RtcServerError) -> web.Response:
    """``error`` as an ``application/problem+json`` response."""
    status = status_of(error)
    headers = {}
    if status == web.HTTPServiceUnavailable.status_code:
        headers["Retry-After"] = str(round(getattr(error, "retry_after", 5.0)))
    detail = "Something went wrong here." if status == 500 else str(error)  # noqa: PLR2004
    return problem_response(status, error.code, detail, headers)


def problem_response(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A problem document with a stable ``code``."""
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status}
    body |= {"detail": detail, "code": code}
    return web.Response(
        status=status,
        text=json.dumps(body),
        content_type="application/problem+json",
        headers=headers,
    )
