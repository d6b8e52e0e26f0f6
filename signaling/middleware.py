"""What happens around every request: errors to problems, origins, headers, one log line."""

import logging
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from rtc_server.base.errors import RtcServerError
from rtc_server.base.log_throttle import THROTTLE
from signaling.app_keys import REFUSALS
from signaling.http.errors import (
    Forbidden,
    OriginRefused,
    Unauthorized,
    UnsupportedEncoding,
    problem,
    problem_response,
    told,
)

EXPOSED = (
    "Location, ETag, Link, Session-Id, Resume-Token, Retry-After, WWW-Authenticate, "
    "Accept-Post, Accept-Patch, Allow"
)
WITH_BODY = frozenset({hdrs.METH_POST, hdrs.METH_PUT, hdrs.METH_PATCH})
ALLOWED_METHODS = "GET, POST, PATCH, DELETE, OPTIONS"
ALLOWED_HEADERS = "Authorization, Content-Type, If-Match, Resume-Token"
PREFLIGHT_SECONDS = "7200"

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; connect-src 'self' {connect}; img-src 'self' data: blob:; "
    "media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; form-action 'self'"
)

LONGEST_TOLD = 100
"""Characters of an origin in the log."""

ALLOWED_ORIGIN = web.RequestKey("allowed_origin", str)
OnPrepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

_WORDS = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
log = logging.getLogger(__name__)


def problems() -> Middleware:
    """Map every error to a problem document."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except RtcServerError as error:
            request.app[REFUSALS].count(error)
            if isinstance(error, Unauthorized | Forbidden):
                _tell_refusal(error.code, f"{route_of(request)}: {told(error)}")
            return problem(error)
        except web.HTTPException as error:
            if error.status < 400:  # noqa: PLR2004 - redirects pass
                raise
            code = _code_of(error)
            request.app[REFUSALS].count_code(code)
            headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            return problem_response(error.status, code, error.reason, headers)
        except ConnectionResetError:
            raise  # the client is gone: there is nobody to tell
        except (HttpProcessingError, web.RequestPayloadError, UnicodeError):
            # a body that is not what its head says, text that is none: the client's fault
            request.app[REFUSALS].count_code("bad_request")
            return problem_response(400, "bad_request", "The request cannot be read.")
        except Exception:  # the root of a request
            log.exception("%s %s failed", request.method, route_of(request))
            return problem_response(500, "internal", "Something went wrong here.")

    return middleware


def origins(allowed: frozenset[str]) -> Middleware:
    """Let only ``allowed`` origins and the service's own pages call from a browser.

    WebSocket handshakes pass here as well: CORS does not cover them.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin == own_origin(request):
            return await handler(request)
        if origin.lower() not in allowed:
            error = OriginRefused()
            _tell_refusal(error.code, ascii(origin[:LONGEST_TOLD]))
            request.app[REFUSALS].count(error)
            return problem(error)
        request[ALLOWED_ORIGIN] = origin
        return web.Response(status=204) if is_preflight(request) else await handler(request)

    return middleware


def _tell_refusal(code: str, why: str) -> None:
    """For whoever runs the service; what somebody can send again and again is thinned out."""
    log.info("refused (%s): %s", code, why, extra={THROTTLE: ("refused", code)})


def own_origin(request: web.Request) -> str:
    """The origin that this request's own pages have."""
    return f"{request.scheme}://{request.host}"


def is_preflight(request: web.Request) -> bool:
    """Whether a browser asks before it sends what it wants to."""
    wants = hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    return request.method == hdrs.METH_OPTIONS and wants


async def add_cors_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser what an allowed origin may do and read."""
    origin = request.get(ALLOWED_ORIGIN)
    if origin is None:
        return
    headers = response.headers
    headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    headers.add(hdrs.VARY, hdrs.ORIGIN)
    if is_preflight(request):
        headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = ALLOWED_METHODS
        headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = ALLOWED_HEADERS
        headers[hdrs.ACCESS_CONTROL_MAX_AGE] = PREFLIGHT_SECONDS
    else:
        headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED


def security_headers(connect: tuple[str, ...]) -> OnPrepare:
    """A strict CSP and its companions; pages may connect to ``connect`` beside this origin."""
    policy = CONTENT_SECURITY_POLICY.format(connect=" ".join(connect)).replace(" ;", ";")

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if request.secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    return add


@web.middleware
async def access_log(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request, with the route's template: a resource URL is a secret."""
    start = time.perf_counter()
    response = await handler(request)
    milliseconds = (time.perf_counter() - start) * 1000
    method = request.method if request.method in hdrs.METH_ALL else "?"
    route = route_of(request)
    log.info(
        "%s %s %d %.1f ms",
        method,
        route,
        response.status,
        milliseconds,
        extra={THROTTLE: (method, route, response.status)},
    )
    return response


@web.middleware
async def as_it_is(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse compressed bodies, which no route takes: what they grow to has no bound."""
    told = request.headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
    if request.method in WITH_BODY and told not in {"", "identity"}:
        raise UnsupportedEncoding
    return await handler(request)


def route_of(request: web.Request) -> str:
    """The template of the route that took this request."""
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical


def _code_of(error: web.HTTPException) -> str:
    """The stable code of an error of aiohttp's own: ``HTTPNotFound`` is ``not_found``.

    Not from its reason, which is Python's phrase for the status: 3.13 changed that of 413.
    """
    return _WORDS.sub("_", type(error).__name__.removeprefix("HTTP")).lower()
