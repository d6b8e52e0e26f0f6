"""WHIP (RFC 9725): an offer opens a session; its resource URL trickles candidates and ends it."""

import secrets
from contextlib import suppress

from aiohttp import hdrs, web
from pydantic import BaseModel, JsonValue

from rtc_server.base.errors import OfferRefused, WorkerLost
from rtc_server.front.admission import Admitted
from rtc_server.store.model import SessionRow, SessionState
from signaling.access.auth import bearer
from signaling.app_keys import ADMISSION, AUTH, BODIES, ETAGS, GATE, ICE, SETTINGS
from signaling.http.errors import (
    BadRequest,
    Forbidden,
    PreconditionFailed,
    PreconditionRequired,
    StreamingDisabled,
    Unauthorized,
    UnsupportedType,
)
from signaling.http.etags import first_tag
from signaling.http.request import read_query
from signaling.http.response import NOT_STORED, json_answer
from signaling.ice.servers import link_headers
from signaling.openapi.operation import Content, Who, json_of, operation, refusal
from signaling.openapi.refusals import ADMISSION as REFUSED_AT_THE_DOOR
from signaling.openapi.refusals import BODY, IDS, NO_SESSION, OFFER, STORE

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
MAX_OFFER_BYTES = 64 * 1024
ANY_TAG = frozenset({"*", '"*"'})
"""As HTTP writes it, and as RFC 9725 does."""


class OfferQuery(BaseModel):
    """Whose session it is to be, where no token says so; or the session to go on with."""

    user_id: str | None = None
    module_id: str | None = None
    section_id: str | None = None
    session_id: str | None = None


class SessionStatus(BaseModel):
    """How far a session is; ``summary`` once it has ended."""

    session_id: str
    state: SessionState
    end_reason: str | None
    summary: dict[str, JsonValue] | None


def add(app: web.Application) -> None:
    """Add the WHIP endpoint and its resources."""
    app.router.add_post("/whip", offer)
    app.router.add_options("/whip", describe)
    app.router.add_get("/whip/{resource}", status, allow_head=False)
    app.router.add_patch("/whip/{resource}", trickle)
    app.router.add_delete("/whip/{resource}", delete)
    app.router.add_options("/whip/{resource}", describe_resource)
    app.router.add_post("/whip/{resource}/bye", bye)


@operation(
    Who.ANYONE,
    {204: None},
    tells={
        "Accept-Post": "What can be posted.",
        "Link": "ICE servers with their credentials, where the session token is good.",
    },
)
async def describe(request: web.Request) -> web.Response:
    """Say what can be posted; to whoever may offer, also the ICE servers.

    RFC 9725, sections 4.1 and 4.6: some publishers need them before they offer.
    """
    response = web.Response(status=204, headers={"Accept-Post": SDP})
    with suppress(Unauthorized, Forbidden):
        await request.app[AUTH].check_alive(bearer(request))
        for link in link_headers(await request.app[ICE].servers(secrets.token_hex(8))):
            response.headers.add(hdrs.LINK, link)
    return response


@operation(Who.ANYONE, {204: None}, tells={"Accept-Patch": "What can be patched"})
async def describe_resource(_request: web.Request) -> web.Response:
    """Say what can be patched."""
    return web.Response(status=204, headers={"Accept-Patch": FRAGMENT})


@operation(
    Who.STUDENT,
    {201: Content(SDP)},
    *IDS,
    *REFUSED_AT_THE_DOOR,
    OFFER,
    BODY,
    refusal(UnsupportedType),
    query=OfferQuery,
    headers={"Resume-Token": "With session_id: what the first answer said."},
    body=Content(SDP),
    tells={
        "Location": "The resource: candidates go there by PATCH, DELETE ends the session.",
        "ETag": "Of this connection, for If-Match.",
        "Session-Id": "The session's public id.",
        "Resume-Token": "What it takes to go on with the session on another connection.",
        "Link": "ICE servers with their credentials (RFC 9725, section 4.6).",
    },
)
async def offer(request: web.Request) -> web.Response:
    """Begin a session, or go on with one, by an SDP offer (WHIP, RFC 9725).

    An offer that is refused does not use the session token up.
    """
    if not request.app[SETTINGS].enable_browser_eye_streaming:
        raise StreamingDisabled
    _check_type(request, SDP)
    auth, gate = request.app[AUTH], request.app[GATE]
    root = request.app[SETTINGS].public_path
    asked = read_query(request, OfferQuery)
    if asked.session_id is None:
        caller = auth.caller(request, asked.model_dump(), "webrtc")
        return _created(await gate.open(caller, await _body(request)), root)
    token = request.headers.get("Resume-Token", "")
    text = await _body(request)
    admitted = await gate.resume(auth.address(request), asked.session_id, token, text)
    return _created(admitted, root)


@operation(
    Who.STUDENT,
    {200: Content(FRAGMENT), 204: None},
    NO_SESSION,
    BODY,
    STORE,
    refusal(
        OfferRefused,
        "sdpfrag_malformed",
        "ice_restart_unsupported",
        "ice_no_candidate",
        "sdp_too_large",
    ),
    refusal(BadRequest, "sdp_malformed"),
    refusal(UnsupportedType),
    refusal(PreconditionRequired),
    refusal(PreconditionFailed),
    refusal(WorkerLost),
    headers={"If-Match": "The connection's ETag, or *."},
    body=Content(FRAGMENT),
)
async def trickle(request: web.Request) -> web.Response:
    """Take further candidates, or restart ICE (RFC 9725, sections 4.3.1 and 4.3.3).

    A restart says If-Match: "*"; its answer is our new way in, under another ETag.
    """
    resource = request.match_info["resource"]
    row = await row_of(request)
    text = await _body(request)
    if not text.strip():
        return web.Response(status=204)  # some publishers say so that they have none
    _check_type(request, FRAGMENT)
    restart = _check_tag(request, resource)
    if not request.app[ADMISSION].is_present(row, resource):
        raise PreconditionFailed  # that connection is gone, and its tag with it
    answer = await request.app[ADMISSION].add_candidates(row, text, restart=restart)
    if answer is None:
        return web.Response(status=204)
    tag = request.app[ETAGS].renew(resource, answer)
    headers = {hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(text=answer, content_type=FRAGMENT, headers=headers)


@operation(Who.STUDENT, {200: json_of(SessionStatus)}, NO_SESSION, STORE)
async def status(request: web.Request) -> web.Response:
    """Tell how far the session behind this resource is."""
    return json_answer(_status(await row_of(request)), headers=NOT_STORED)


@operation(Who.STUDENT, {200: json_of(SessionStatus)}, NO_SESSION, refusal(WorkerLost), STORE)
async def delete(request: web.Request) -> web.Response:
    """End the session, and tell its summary; one that has ended already is fine."""
    row = await row_of(request)
    ended = await request.app[ADMISSION].end_session(row.session_id)
    return json_answer(_status(ended), headers=NOT_STORED)


def _status(row: SessionRow) -> SessionStatus:
    return SessionStatus(
        session_id=row.session_id, state=row.state, end_reason=row.end_reason, summary=row.summary
    )


@operation(Who.URL, {200: None}, NO_SESSION, refusal(WorkerLost), STORE)
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


def _check_tag(request: web.Request, resource: str) -> bool:
    """Whether the tag allows an ICE restart: any would do (RFC 9725, section 4.3.3)."""
    tags = request.headers.get(hdrs.IF_MATCH)
    if tags is None:
        raise PreconditionRequired
    given = {tag.strip() for tag in tags.split(",")}
    if not given.isdisjoint(ANY_TAG):
        return True
    if not any(request.app[ETAGS].is_present(resource, tag) for tag in given):
        raise PreconditionFailed
    return False


async def _body(request: web.Request) -> str:
    try:
        body = await request.app[BODIES].read(request, MAX_OFFER_BYTES)
    except web.HTTPRequestEntityTooLarge:
        raise BadRequest(f"SDP has at most {MAX_OFFER_BYTES} bytes", code="sdp_too_large") from None
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadRequest("SDP is UTF-8 text", code="sdp_malformed") from None


def _created(admitted: Admitted, root: str) -> web.Response:
    response = web.Response(
        status=201,
        text=admitted.answer,
        content_type=SDP,
        headers={
            hdrs.LOCATION: f"{root}/whip/{admitted.resource}",
            hdrs.ETAG: first_tag(admitted.resource),
            "Session-Id": admitted.session_id,
            "Resume-Token": admitted.resume_token,
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
    for link in link_headers(admitted.ice_servers):
        response.headers.add(hdrs.LINK, link)
    return response
