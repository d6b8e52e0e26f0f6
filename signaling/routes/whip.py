"""WHIP (RFC 9725): an offer opens a session; its resource URL trickles candidates and ends it."""

import asyncio
import hashlib

from aiohttp import hdrs, web

from rtc_server.store.model import SessionRow
from rtc_server.worker.admission import Admitted
from signaling.body import in_time
from signaling.errors import (
    BadRequest,
    PreconditionFailed,
    PreconditionRequired,
    StreamingDisabled,
    UnsupportedType,
)
from signaling.ice.servers import link_headers
from signaling.keys import ADMISSION, AUTH, DOOR, SETTINGS

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
MAX_OFFER_BYTES = 64 * 1024
ANY_TAG = "*"


def add(app: web.Application) -> None:
    """Add the WHIP endpoint and its resources."""
    app.router.add_post("/whip", offer)
    app.router.add_options("/whip", describe)
    app.router.add_get("/whip/{resource}", status, allow_head=False)
    app.router.add_patch("/whip/{resource}", trickle)
    app.router.add_delete("/whip/{resource}", delete)
    app.router.add_options("/whip/{resource}", describe_resource)
    app.router.add_post("/whip/{resource}/bye", bye)


async def describe(_request: web.Request) -> web.Response:
    """Say what can be posted (RFC 9725, section 4.1)."""
    return web.Response(status=204, headers={"Accept-Post": SDP})


async def describe_resource(_request: web.Request) -> web.Response:
    """Say what can be patched."""
    return web.Response(status=204, headers={"Accept-Patch": FRAGMENT})


async def offer(request: web.Request) -> web.Response:
    """Answer an offer with 201, the answer and the resource's URL."""
    if not request.app[SETTINGS].enable_browser_eye_streaming:
        raise StreamingDisabled
    _check_type(request, SDP)
    auth, door = request.app[AUTH], request.app[DOOR]
    session_id = request.query.get("session_id")
    if session_id is None:
        caller = auth.caller(request, request.query, "webrtc")
        return _created(await door.open(caller, await _body(request)))
    token = request.headers.get("Resume-Token", "")
    text = await _body(request)
    return _created(await door.resume(auth.address(request), session_id, token, text))


async def trickle(request: web.Request) -> web.Response:
    """Take further candidates (RFC 9725, section 4.3.1); an ICE restart is 422."""
    resource = request.match_info["resource"]
    row = await row_of(request)
    text = await _body(request)
    if not text.strip():
        return web.Response(status=204)  # some publishers say so that they have none
    _check_type(request, FRAGMENT)
    _check_tag(request, resource)
    await request.app[ADMISSION].add_candidates(row, text)
    return web.Response(status=204)


async def status(request: web.Request) -> web.Response:
    """Tell how far the session behind this resource is."""
    row = await row_of(request)
    body = {
        "session_id": row.session_id,
        "state": row.state,
        "end_reason": row.end_reason,
        "summary": row.summary,
    }
    return web.json_response(body, headers={hdrs.CACHE_CONTROL: "no-store"})


async def delete(request: web.Request) -> web.Response:
    """End the session; one that has ended already is fine."""
    row = await row_of(request)
    await request.app[ADMISSION].end_session(row.session_id)
    return web.Response()


async def bye(request: web.Request) -> web.Response:
    """End the session as a page does that closes.

    ``navigator.sendBeacon`` is all that such a page can still send, and it carries no header:
    so the URL, which nobody can guess, is enough here even where a token is needed elsewhere.
    Who has it can do no worse than end this one session early.
    """
    await request.app[ADMISSION].end(request.match_info["resource"])
    return web.Response()


async def row_of(request: web.Request) -> SessionRow:
    """The session behind this resource, for its student.

    Raises :class:`SessionNotFound`, :class:`Unauthorized`, :class:`Forbidden`.
    """
    row = await request.app[ADMISSION].row_of(request.match_info["resource"])
    await request.app[AUTH].check_resource(request, row)
    return row


def _check_type(request: web.Request, expected: str) -> None:
    if request.content_type != expected:
        raise UnsupportedType(f"send {expected}")


def _check_tag(request: web.Request, resource: str) -> None:
    tags = request.headers.get(hdrs.IF_MATCH)
    if tags is None:
        raise PreconditionRequired
    given = {tag.strip() for tag in tags.split(",")}
    if given.isdisjoint({_tag(resource), ANY_TAG}):
        raise PreconditionFailed


def _tag(resource: str) -> str:
    """The connection's entity tag: a resource URL has one connection only."""
    return '"' + hashlib.sha256(b"etag" + resource.encode()).hexdigest()[:16] + '"'


async def _body(request: web.Request) -> str:
    try:
        await in_time(request.content.readexactly(MAX_OFFER_BYTES + 1))
    except asyncio.IncompleteReadError as whole:
        body = whole.partial
    else:
        raise BadRequest(f"SDP has at most {MAX_OFFER_BYTES} bytes", code="sdp_too_large")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadRequest("SDP is UTF-8 text", code="sdp_malformed") from None


def _created(admitted: Admitted) -> web.Response:
    response = web.Response(
        status=201,
        text=admitted.answer,
        content_type=SDP,
        headers={
            hdrs.LOCATION: f"/whip/{admitted.resource}",
            hdrs.ETAG: _tag(admitted.resource),
            "Session-Id": admitted.session_id,
            "Resume-Token": admitted.resume_token,
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
    for link in link_headers(admitted.ice_servers):
        response.headers.add(hdrs.LINK, link)
    return response
