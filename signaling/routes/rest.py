"""Our own protocol without a connection: ``POST /api/attach``, then pictures and messages."""

from aiohttp import web
from pydantic import ValidationError

from rtc_server.base.errors import FrameRefused, SessionClosed, WorkerLost
from rtc_server.metrics import wire
from signaling.app_keys import AUTH, BODIES, REST_CLIENTS, SETTINGS
from signaling.http.errors import BadRequest, RateLimited, StreamingDisabled, UnsupportedType
from signaling.http.response import JSON, NOT_STORED
from signaling.openapi.operation import Content, Who, json_of, operation, refusal
from signaling.openapi.refusals import ADMISSION, BODY, FRAME, IDS, NO_SESSION
from signaling.pictures.picture_session import attached_message

JPEG = "image/jpeg"
SLACK = 4096
"""Bytes beyond a limit that are read still, to say which one it was."""
MAX_MESSAGE_BYTES = 8 * wire.MAX_MESSAGE_BYTES
"""``attach`` may carry a token, which is longer than any message."""
UNREADABLE = refusal(BadRequest, "bad_json", "bad_message", "message_too_large")
GONE = (NO_SESSION, refusal(SessionClosed), refusal(WorkerLost))


def add(app: web.Application) -> None:
    """Add the three requests of such a client."""
    app.router.add_post("/api/attach", attach)
    app.router.add_post("/whip/{resource}/frames", frames)
    app.router.add_post("/whip/{resource}/messages", messages)


@operation(
    Who.STUDENT,
    {201: json_of(wire.Attached)},
    *IDS,
    *ADMISSION,
    UNREADABLE,
    BODY,
    refusal(UnsupportedType),
    body=json_of(wire.Attach),
)
async def attach(request: web.Request) -> web.Response:
    """Begin a session or go on with one: 201 and ``attached``."""
    if not request.app[SETTINGS].enable_browser_eye_streaming:
        raise StreamingDisabled
    asked = _attach_of(await _message(request))
    auth, clients = request.app[AUTH], request.app[REST_CLIENTS]
    if asked.session_id is None:
        given = asked.model_dump()
        admitted = await clients.begin(auth.caller(request, given, "rest", asked.token))
    else:
        address = auth.address(request)
        admitted = await clients.resume(address, asked.session_id, asked.resume_token or "")
    text = wire.encode(attached_message(admitted, request.app[SETTINGS].public_path))
    return web.Response(status=201, text=text, content_type=JSON, headers=NOT_STORED)


@operation(
    Who.URL,
    {200: json_of(list[wire.ServerMessage])},
    *FRAME,
    *GONE,
    BODY,
    refusal(UnsupportedType),
    body=Content(JPEG, is_text=False),
)
async def frames(request: web.Request) -> web.Response:
    """Analyse one picture: its ``metrics``, and what else the session has to say."""
    _check_type(request, JPEG)
    client = await request.app[REST_CLIENTS].of(request.match_info["resource"])
    max_bytes = request.app[SETTINGS].max_frame_kb * 1024
    jpeg = await request.app[BODIES].read(request, max_bytes + SLACK)
    if not jpeg:
        raise BadRequest("an empty frame", code="frame_missing")
    if len(jpeg) > max_bytes:
        raise FrameRefused(f"more than {max_bytes} bytes", code="frame_too_large")
    return _answer(await client.frame(jpeg))


@operation(
    Who.URL,
    {200: json_of(list[wire.ServerMessage])},
    *GONE,
    UNREADABLE,
    refusal(RateLimited, "too_many_messages"),
    BODY,
    refusal(UnsupportedType),
    body=json_of(wire.ClientMessage),
)
async def messages(request: web.Request) -> web.Response:
    """Hand one message to the session: what answers it, and what else it has to say."""
    client = await request.app[REST_CLIENTS].of(request.match_info["resource"])
    return _answer(await client.say(await _message(request)))


async def _message(request: web.Request) -> str:
    _check_type(request, JSON)
    body = await request.app[BODIES].read(request, MAX_MESSAGE_BYTES + SLACK)
    if len(body) > MAX_MESSAGE_BYTES:
        raise BadRequest(
            f"a message has at most {MAX_MESSAGE_BYTES} bytes", code="message_too_large"
        )
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadRequest("a message is UTF-8 text", code="bad_json") from None


def _attach_of(text: str) -> wire.Attach:
    try:
        message = wire.decode_client(text)
    except ValidationError:
        raise BadRequest("send an attach message", code="bad_message") from None
    if not isinstance(message, wire.Attach):
        raise BadRequest("send an attach message", code="bad_message")
    return message


def _check_type(request: web.Request, expected: str) -> None:
    if request.content_type != expected:
        raise UnsupportedType(f"send {expected}")


def _answer(texts: list[str]) -> web.Response:
    """A JSON array of messages, each as the session wrote it."""
    return web.Response(text=f"[{','.join(texts)}]", content_type=JSON, headers=NOT_STORED)
