"""Pictures over HTTP, the protocol of the old service: ``POST /api/frames``, ``/ws/frames``."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from rtc_server.base.errors import FrameRefused, Overloaded, RtcServerError
from rtc_server.metrics import wire
from signaling.access.caller import Caller
from signaling.app_keys import (
    AUTH,
    BODIES,
    PICTURE_SESSIONS,
    PLACEMENT,
    REFUSALS,
    SETTINGS,
    STRANGERS,
    STREAMS,
)
from signaling.http.errors import BadRequest, StreamingDisabled, headers_of, status_of, told
from signaling.legacy import frame_json
from signaling.openapi.operation import Who, json_of, operation, refusal
from signaling.openapi.refusals import ADMISSION, BODY, DISABLED, FRAME, IDS
from signaling.pictures.frame_socket import FrameSocket, read_attach
from signaling.settings import Settings

CLOSING = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
ATTACH_SECONDS = 15.0
"""From the handshake on, to show whose pictures come; pings and other messages add nothing."""
JSON_OVERHEAD = 4096
"""Bytes of a frame's JSON beside the picture."""


def add(app: web.Application) -> None:
    """Add the REST endpoint, its alias and the WebSocket."""
    app.router.add_post("/api/frames", post_frame)
    app.router.add_post("/api/stream-frame", post_frame)
    app.router.add_get("/ws/frames", frames_socket)


@operation(
    Who.STUDENT,
    {200: json_of(frame_json.OldAnswer)},
    *IDS,
    *ADMISSION,
    *FRAME,
    BODY,
    refusal(BadRequest, "bad_json"),
    refusal(FrameRefused, "frame_not_base64"),
    body=json_of(frame_json.OldFrame),
    refused_as=json_of(frame_json.OldRefusal),
)
async def post_frame(request: web.Request) -> web.Response:
    """Analyse one picture and answer with its metrics, in the old service's shapes.

    The session opens with the first picture of a student in a section and goes on with the
    next ones. ``Content-Type`` is not looked at: old pages send none.
    """
    try:
        _check_enabled(request)
        body = await request.app[BODIES].read(request, max_body(request.app[SETTINGS]))
        asked = _read(request, body, "rest")
        message = await request.app[PICTURE_SESSIONS].frame(asked.caller, asked.jpeg)
    except RtcServerError as error:
        refused = _refused(request, error)
        return web.json_response(refused, status=status_of(error), headers=headers_of(error))
    return web.json_response(frame_json.answer(asked.given, message))


@operation(
    Who.ANYONE,
    {101: None},
    DISABLED,
    refusal(Overloaded),
    refusal(BadRequest, "bad_request"),
    tells={"Upgrade": "websocket"},
)
async def frames_socket(request: web.Request) -> web.WebSocketResponse:
    """Answer pictures with metrics until the client closes; errors keep it open.

    An ``attach`` message switches to our own protocol; without it this is the old one.
    """
    _check_enabled(request)
    with request.app[STRANGERS].one(request.app[AUTH].address(request)) as introduce:
        return await _serve_socket(request, introduce)


async def _serve_socket(
    request: web.Request, introduce: Callable[[], None]
) -> web.WebSocketResponse:
    # Pictures are compressed already, and what a stranger's message inflates to has no bound.
    limit = max_body(request.app[SETTINGS])
    socket = web.WebSocketResponse(heartbeat=15.0, max_msg_size=limit, compress=False)
    await socket.prepare(request)
    old = _OldClient(request)
    try:
        with request.app[STREAMS].open():
            await _serve(request, socket, old, introduce)
    except asyncio.CancelledError:
        await socket.close(code=WSCloseCode.SERVICE_RESTART)
        raise
    finally:
        await old.leave()
        await socket.close()
    return socket


async def _serve(
    request: web.Request,
    socket: web.WebSocketResponse,
    old: "_OldClient",
    introduce: Callable[[], None],
) -> None:
    patience = min(ATTACH_SECONDS, request.app[SETTINGS].idle_timeout_seconds)
    with suppress(TimeoutError):
        async with asyncio.timeout(patience) as deadline:

            def known() -> None:
                deadline.reschedule(None)
                introduce()

            while (message := await _heard(socket)) is not None:
                attach = read_attach(message)
                if attach is not None:
                    await _serve_attached(request, socket, attach, known)
                    continue
                answer = await old.answer(message)
                if old.is_served:
                    known()
                await socket.send_json(answer)


async def _heard(socket: web.WebSocketResponse) -> str | None:
    """The next text; ``None`` at the end."""
    while (message := await socket.receive()).type not in CLOSING:
        if message.type is WSMsgType.TEXT:
            text: str = message.data
            return text
    return None


async def _serve_attached(
    request: web.Request,
    socket: web.WebSocketResponse,
    attach: wire.Attach,
    known: Callable[[], None],
) -> None:
    app, auth = request.app, request.app[AUTH]
    served = FrameSocket(
        socket,
        app[PICTURE_SESSIONS],
        app[PLACEMENT],
        app[REFUSALS],
        app[SETTINGS].public_path,
        known,
    )
    try:
        if attach.session_id is None:
            given = attach.model_dump()
            await served.begin(auth.caller(request, given, "websocket", attach.token))
        else:
            resume_token = attach.resume_token or ""
            await served.resume(auth.address(request), attach.session_id, resume_token)
    except RtcServerError as error:
        app[REFUSALS].count(error)
        await socket.send_str(wire.encode(wire.Notice(code=error.code, message=told(error))))


class _OldClient:
    """Speaks the old protocol on one WebSocket."""

    def __init__(self, request: web.Request) -> None:
        """``request`` opened the WebSocket."""
        self._request = request
        self._token: str | None = None
        self._caller: Caller | None = None

    @property
    def is_served(self) -> bool:
        """Whether it has shown whose pictures it sends."""
        return self._caller is not None

    async def answer(self, text: str) -> Mapping[str, Any]:
        """Answer one message; a token in one of them counts for those that follow."""
        try:
            asked = _read(self._request, text, "websocket", self._token)
            self._token = asked.given.token or self._token
            self._caller = asked.caller
            message = await self._request.app[PICTURE_SESSIONS].frame(asked.caller, asked.jpeg)
        except RtcServerError as error:
            return _refused(self._request, error)
        return frame_json.answer(asked.given, message)

    async def leave(self) -> None:
        """The connection is gone."""
        if self._caller is not None:
            await self._request.app[PICTURE_SESSIONS].detach(self._caller.identity)


def _read(
    request: web.Request, body: str | bytes, client: str, token: str | None = None
) -> frame_json.FrameRequest:
    def caller_of(given: frame_json.OldFrame) -> Caller:
        ids = given.model_dump(include={"user_id", "module_id", "section_id"})
        return request.app[AUTH].caller(request, ids, client, given.token or token)

    max_bytes = request.app[SETTINGS].max_frame_kb * 1024
    return frame_json.read_request(body, caller_of, max_bytes)


def _refused(request: web.Request, error: RtcServerError) -> Mapping[str, Any]:
    request.app[REFUSALS].count(error)
    text = told(error)
    return frame_json.OldRefusal(error=text, detail=text, code=error.code).model_dump()


def _check_enabled(request: web.Request) -> None:
    if not request.app[SETTINGS].enable_browser_eye_streaming:
        raise StreamingDisabled


def max_body(settings: Settings) -> int:
    """Bytes that a frame's JSON may have: the picture in base64 and its ids."""
    return settings.max_frame_kb * 1024 * 4 // 3 + JSON_OVERHEAD
