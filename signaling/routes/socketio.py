"""The Socket.IO events of the old service, so that its page goes on working unchanged.

In: ``start_tracking {user_id, module_id, section_id}``, ``video_frame {frame, timestamp}``,
``stop_tracking``. Out: ``connected``, ``tracking_started``, ``tracking_update {is_focused,
gaze_direction, metrics, timestamp}``, ``tracking_stopped``, ``error``.
"""

from typing import Any

import socketio
from aiohttp import web

from rtc_server.errors import RtcServerError
from rtc_server.identity import Identity
from rtc_server.metrics import wire
from signaling import frame_json
from signaling.errors import BadRequest, StreamingDisabled, told
from signaling.identity import read_identity
from signaling.keys import RELAYS, SETTINGS
from signaling.settings import Settings

IDENTITY = "identity"


def add(app: web.Application) -> None:
    """Attach the Socket.IO server under its usual path."""
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        cors_allowed_origins=[],  # the origin middleware has checked before
        max_http_buffer_size=_max_message(app[SETTINGS]),
    )
    server.register_namespace(Tracking(app))
    server.attach(app)


def _max_message(settings: Settings) -> int:
    return settings.max_frame_kb * 1024 * 3 // 2 + 4096


class Tracking(socketio.AsyncNamespace):  # type: ignore[misc]  # python-socketio is not typed
    """The default namespace; a method ``on_…`` for each event."""

    def __init__(self, app: web.Application) -> None:
        """Sessions are found through ``app``."""
        super().__init__("/")
        self._app = app

    async def on_connect(self, sid: str, _environ: dict[str, Any]) -> None:
        """Greet."""
        await self.emit("connected", {"status": "connected"}, to=sid)

    async def on_start_tracking(self, sid: str, data: object = None) -> None:
        """Remember whose pictures come; the session opens with the first."""
        try:
            identity = self._identity(data)
        except RtcServerError as error:
            await self._error(sid, error)
            return
        await self._leave(sid)
        await self.save_session(sid, {IDENTITY: identity})
        started = {
            "status": "started",
            "user_id": identity.user_id,
            "module_id": identity.module_id,
            "section_id": identity.section_id,
        }
        await self.emit("tracking_started", started, to=sid)

    async def on_video_frame(self, sid: str, data: object = None) -> None:
        """Analyse one picture and tell what it says."""
        try:
            message = await self._analyse(sid, data)
        except RtcServerError as error:
            await self._error(sid, error)
            return
        if message is not None:
            await self.emit("tracking_update", _update(message, data), to=sid)

    async def on_stop_tracking(self, sid: str, _data: object = None) -> None:
        """End the session: its account is settled."""
        identity = await self._identity_of(sid)
        if identity is not None:
            await self._app[RELAYS].end(identity)
            await self.save_session(sid, {})
        await self.emit("tracking_stopped", {"status": "stopped"}, to=sid)

    async def on_disconnect(self, sid: str, _reason: object = None) -> None:
        """The session waits for the page to come back."""
        await self._leave(sid)

    def _identity(self, data: object) -> Identity:
        if not self._app[SETTINGS].enable_browser_eye_streaming:
            raise StreamingDisabled
        if not isinstance(data, dict):
            raise BadRequest("start_tracking takes an object with ids", code="bad_json")
        return read_identity(data, "socketio")

    async def _analyse(self, sid: str, data: object) -> wire.Metrics | None:
        identity = await self._identity_of(sid)
        if identity is None:
            raise BadRequest("start_tracking comes first", code="not_started")
        text = data.get("frame") if isinstance(data, dict) else None
        max_bytes = self._app[SETTINGS].max_frame_kb * 1024
        jpeg = frame_json.decode_base64(text, max_bytes)
        return await self._app[RELAYS].frame(identity, jpeg)

    async def _identity_of(self, sid: str) -> Identity | None:
        identity: Identity | None = (await self.get_session(sid)).get(IDENTITY)
        return identity

    async def _leave(self, sid: str) -> None:
        identity = await self._identity_of(sid)
        if identity is not None:
            await self._app[RELAYS].detach(identity)

    async def _error(self, sid: str, error: RtcServerError) -> None:
        await self.emit("error", {"message": told(error), "code": error.code}, to=sid)


def _update(message: wire.Metrics, data: object) -> dict[str, Any]:
    timestamp = data.get("timestamp") if isinstance(data, dict) else None
    return {
        "is_focused": bool(message.is_focused),
        "gaze_direction": message.metrics.current_state,
        "metrics": frame_json.old_metrics(message),
        "timestamp": timestamp,
    }
