"""Pictures over HTTP, the protocol of the old service: ``POST /api/frames``, ``/ws/frames``."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from rtc_server.errors import RtcServerError
from rtc_server.identity import Identity
from rtc_server.metrics import wire
from signaling import frame_json
from signaling.errors import BadRequest, StreamingDisabled, retry_after, status_of, told
from signaling.frame_socket import FrameSocket, read_attach
from signaling.keys import PLACEMENT, RELAYS, SETTINGS
from signaling.settings import Settings

JSON_OVERHEAD = 4096
"""Bytes of a frame's JSON beside the picture."""


def add(app: web.Application) -> None:
    """Add the REST endpoint, its alias and the WebSocket."""
    app.router.add_post("/api/frames", post_frame)
    app.router.add_post("/api/stream-frame", post_frame)
    app.router.add_get("/ws/frames", frames_socket)


async def post_frame(request: web.Request) -> web.Response:
    """Analyse one picture and answer with its metrics, in the old service's shapes."""
    try:
        _check_enabled(request)
        asked = _read(request, await request.read(), "rest")
        message = await request.app[RELAYS].frame(asked.identity, asked.jpeg)
    except RtcServerError as error:
        return web.json_response(_error(error), status=status_of(error), headers=retry_after(error))
    return web.json_response(frame_json.answer(asked.given, message))


async def frames_socket(request: web.Request) -> web.WebSocketResponse:
    """Answer pictures with metrics until the client closes; errors keep it open.

    An ``attach`` message switches to our own protocol; without it this is the old one.
    """
    _check_enabled(request)
    limit = 2 * max_body(request.app[SETTINGS])
    socket = web.WebSocketResponse(heartbeat=15.0, max_msg_size=limit)
    await socket.prepare(request)
    identity: Identity | None = None
    try:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            attach = read_attach(message.data)
            if attach is not None:
                await _serve_attached(request, socket, attach)
                continue
            answer, identity = await _answer(request, message.data, identity)
            await socket.send_json(answer)
    finally:
        if identity is not None:
            await request.app[RELAYS].detach(identity)
    return socket


async def _serve_attached(
    request: web.Request, socket: web.WebSocketResponse, attach: wire.Attach
) -> None:
    served = FrameSocket(socket, request.app[RELAYS], request.app[PLACEMENT])
    try:
        await served.run(attach)
    except RtcServerError as error:
        await socket.send_str(wire.encode(wire.Notice(code=error.code, message=told(error))))


async def _answer(
    request: web.Request, text: str, identity: Identity | None
) -> tuple[Mapping[str, Any], Identity | None]:
    try:
        asked = _read(request, text.encode(), "websocket")
        identity = asked.identity
        message = await request.app[RELAYS].frame(identity, asked.jpeg)
    except RtcServerError as error:
        return _error(error), identity
    return frame_json.answer(asked.given, message), identity


def _read(request: web.Request, body: bytes, client: str) -> frame_json.FrameRequest:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON", code="bad_json") from None
    max_bytes = request.app[SETTINGS].max_frame_kb * 1024
    return frame_json.read_request(given, client, max_bytes)


def _error(error: RtcServerError) -> Mapping[str, Any]:
    """The old shape: ``error`` on the WebSocket, ``detail`` over REST; and a stable code."""
    text = told(error)
    return {"success": False, "error": text, "detail": text, "code": error.code}


def _check_enabled(request: web.Request) -> None:
    if not request.app[SETTINGS].enable_browser_eye_streaming:
        raise StreamingDisabled


def max_body(settings: Settings) -> int:
    """Bytes that a frame's JSON may have: the picture in base64 and its ids."""
    return settings.max_frame_kb * 1024 * 4 // 3 + JSON_OVERHEAD
