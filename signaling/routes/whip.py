"""WHIP (RFC 9725): an offer opens a session, its resource URL ends it."""

import asyncio

from aiohttp import hdrs, web

from rtc_server.worker.admission import Admitted
from signaling.errors import BadRequest, StreamingDisabled, UnsupportedType
from signaling.identity import read_identity
from signaling.keys import ADMISSION, SETTINGS

SDP = "application/sdp"
MAX_OFFER_BYTES = 64 * 1024


def add(app: web.Application) -> None:
    """Add the WHIP endpoint and its resources."""
    app.router.add_post("/whip", offer)
    app.router.add_options("/whip", describe)
    app.router.add_delete("/whip/{resource}", delete)
    app.router.add_post("/whip/{resource}/bye", delete)


async def describe(_request: web.Request) -> web.Response:
    """Say what can be posted (RFC 9725, section 4.6)."""
    return web.Response(status=204, headers={"Accept-Post": SDP})


async def offer(request: web.Request) -> web.Response:
    """Answer an offer with 201, the answer and the resource's URL."""
    if not request.app[SETTINGS].enable_browser_eye_streaming:
        raise StreamingDisabled
    if request.content_type != SDP:
        raise UnsupportedType(f"post the offer as {SDP}")
    text = await _body(request)
    session_id = request.query.get("session_id")
    if session_id is None:
        return _created(await _open(request, text))
    token = request.headers.get("Resume-Token", "")
    return _created(await request.app[ADMISSION].resume(session_id, token, text))


async def delete(request: web.Request) -> web.Response:
    """End the session. Also as ``POST …/bye``, which a closing page can still send."""
    await request.app[ADMISSION].end(request.match_info["resource"])
    return web.Response()


async def _open(request: web.Request, text: str) -> Admitted:
    return await request.app[ADMISSION].open(read_identity(request.query, "webrtc"), text)


async def _body(request: web.Request) -> str:
    try:
        await request.content.readexactly(MAX_OFFER_BYTES + 1)
    except asyncio.IncompleteReadError as whole:
        body = whole.partial
    else:
        raise BadRequest(f"an offer has at most {MAX_OFFER_BYTES} bytes", code="sdp_too_large")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadRequest("an offer is UTF-8 text", code="sdp_malformed") from None


def _created(admitted: Admitted) -> web.Response:
    return web.Response(
        status=201,
        text=admitted.answer,
        content_type=SDP,
        headers={
            hdrs.LOCATION: f"/whip/{admitted.resource}",
            "Session-Id": admitted.session_id,
            "Resume-Token": admitted.resume_token,
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
