"""The Socket.IO events of the old service, so that its page goes on working unchanged.

In: ``start_tracking {user_id, module_id, section_id}``, ``video_frame {frame, timestamp}``,
``stop_tracking``. Out: ``connected``, ``tracking_started``, ``tracking_update {is_focused,
gaze_direction, metrics, timestamp}``, ``tracking_stopped``, ``error``.
"""

import time
from collections import deque
from typing import Any

import socketio
from aiohttp import hdrs, web
from socketio.exceptions import ConnectionRefusedError as HandshakeRefused

from rtc_server.base.errors import Overloaded, RtcServerError
from rtc_server.metrics import wire
from signaling.access.auth import bearer
from signaling.access.caller import Caller
from signaling.app_keys import AUTH, PICTURE_SESSIONS, REFUSALS, SETTINGS
from signaling.http.errors import BadRequest, StreamingDisabled, told
from signaling.http.request import in_time
from signaling.legacy import frame_json
from signaling.openapi.operation import Content, Who, operation, refusal
from signaling.openapi.refusals import BODY
from signaling.settings import Settings

MOST_HANDSHAKES = 128
"""Connections that were not let in; each is kept for 45 s by Engine.IO, and has a queue."""
HANDSHAKE_SECONDS, HANDSHAKES_OF_ADDRESS = 10.0, 64
"""So many of one address in that time: a class comes with the bell."""
MOST_UNHEARD = 64
"""Packets that wait for a page."""
CALLER = "caller"
REQUEST = "request"
TOKEN = "token"  # noqa: S105 - where it is kept


def add(app: web.Application) -> None:
    """Attach the Socket.IO server under its usual path."""
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        cors_allowed_origins=[],  # the origin middleware has checked before
        max_http_buffer_size=_max_message(app[SETTINGS]),
    )
    namespace = Tracking(app)
    server.register_namespace(namespace)
    pages = Pages(server, namespace, app[SETTINGS].max_sessions)

    @operation(
        Who.ANYONE,
        {200: Content("text/plain"), 400: Content("text/plain")},
        BODY,
        refusal(Overloaded),
    )
    async def transport(request: web.Request) -> web.StreamResponse:
        """Carry Socket.IO (Engine.IO 4, polling or WebSocket).

        What goes over it, and who may, is in the events of the old service.
        """
        if "sid" not in request.query:
            pages.check(app[AUTH].address(request))
        handled = server.handle_request(request)
        response: web.StreamResponse = await (
            in_time(handled) if request.method == hdrs.METH_POST else handled
        )
        return response

    for method in (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_OPTIONS):
        app.router.add_route(method, "/socket.io/", transport)


def _max_message(settings: Settings) -> int:
    return settings.max_frame_kb * 1024 * 3 // 2 + 4096


class Pages:
    """Engine.IO connections: bounded in all, and by address before they are let in."""

    def __init__(
        self, server: socketio.AsyncServer, namespace: "Tracking", max_sessions: int
    ) -> None:
        """``namespace`` knows who was let in; of those there are no more than sessions."""
        self._most = max_sessions
        self._server = server
        self._namespace = namespace
        self._since: deque[tuple[float, str]] = deque()

    def check(self, address: str) -> None:
        """Count a handshake; raises :class:`Overloaded` for one too many."""
        now = time.monotonic()
        while self._since and now - self._since[0][0] > HANDSHAKE_SECONDS:
            self._since.popleft()
        strangers = len(self._server.eio.sockets) - self._namespace.known
        lately = sum(whose == address for _, whose in self._since)
        full = self._namespace.known >= self._most
        if full or strangers >= MOST_HANDSHAKES or lately >= HANDSHAKES_OF_ADDRESS:
            raise Overloaded("Too many connections wait to say whose they are.")
        self._since.append((now, address))


class Tracking(socketio.AsyncNamespace):  # type: ignore[misc]  # python-socketio is not typed
    """The default namespace; a method ``on_…`` for each event."""

    def __init__(self, app: web.Application) -> None:
        """Sessions are found through ``app``."""
        super().__init__("/")
        self._app = app
        self.known = 0
        """Connections that were let in and are there."""

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        """Greet; where a token is needed, only whoever brings one: ``auth: {token}``."""
        request: web.Request = environ["aiohttp.request"]
        token = auth.get("token") if isinstance(auth, dict) else None
        token = token if isinstance(token, str) else bearer(request)
        try:
            await self._app[AUTH].check_alive(token)
        except RtcServerError as error:
            self._app[REFUSALS].count(error)
            raise HandshakeRefused(told(error), {"code": error.code}) from None
        self.known += 1
        await self.save_session(sid, {REQUEST: request, TOKEN: token})
        await self.emit("connected", {"status": "connected"}, to=sid)

    async def on_start_tracking(self, sid: str, data: object = None) -> None:
        """Remember whose pictures come; the session opens with the first."""
        try:
            caller = await self._caller(sid, data)
        except RtcServerError as error:
            await self._error(sid, error)
            return
        await self._leave(sid)
        identity = caller.identity
        await self._remember(sid, caller)
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
            await self._tell(sid, "tracking_update", _update(message, data))

    async def on_stop_tracking(self, sid: str, _data: object = None) -> None:
        """End the session: its account is settled."""
        caller = await self._caller_of(sid)
        if caller is not None:
            await self._app[PICTURE_SESSIONS].end(caller.identity)
            await self._remember(sid, None)
        await self.emit("tracking_stopped", {"status": "stopped"}, to=sid)

    async def on_disconnect(self, sid: str, _reason: object = None) -> None:
        """The session waits for the page to come back."""
        self.known -= 1
        await self._leave(sid)

    async def _caller(self, sid: str, data: object) -> Caller:
        if not self._app[SETTINGS].enable_browser_eye_streaming:
            raise StreamingDisabled
        if not isinstance(data, dict):
            raise BadRequest("start_tracking takes an object with ids", code="bad_json")
        known = await self.get_session(sid)
        return self._app[AUTH].caller(known[REQUEST], data, "socketio", known[TOKEN])

    async def _analyse(self, sid: str, data: object) -> wire.Metrics | None:
        caller = await self._caller_of(sid)
        if caller is None:
            raise BadRequest("start_tracking comes first", code="not_started")
        text = data.get("frame") if isinstance(data, dict) else None
        max_bytes = self._app[SETTINGS].max_frame_kb * 1024
        jpeg = frame_json.decode_base64(text, max_bytes)
        return await self._app[PICTURE_SESSIONS].frame(caller, jpeg)

    async def _caller_of(self, sid: str) -> Caller | None:
        caller: Caller | None = (await self.get_session(sid)).get(CALLER)
        return caller

    async def _remember(self, sid: str, caller: Caller | None) -> None:
        known = await self.get_session(sid)
        await self.save_session(sid, {**known, CALLER: caller})

    async def _leave(self, sid: str) -> None:
        caller = await self._caller_of(sid)
        if caller is not None:
            await self._app[PICTURE_SESSIONS].detach(caller.identity)

    async def _error(self, sid: str, error: RtcServerError) -> None:
        self._app[REFUSALS].count(error)
        await self._tell(sid, "error", {"message": told(error), "code": error.code})

    async def _tell(self, sid: str, event: str, body: object) -> None:
        """Tell a page, or let go of one that sends and does not listen: Engine.IO keeps it all."""
        page = self.server.eio.sockets.get(self.server.manager.eio_sid_from_sid(sid, "/"))
        if page is not None and page.queue.qsize() > MOST_UNHEARD:
            await self.disconnect(sid)
        else:
            await self.emit(event, body, to=sid)


def _update(message: wire.Metrics, data: object) -> dict[str, Any]:
    timestamp = data.get("timestamp") if isinstance(data, dict) else None
    return {
        "is_focused": bool(message.is_focused),
        "gaze_direction": message.metrics.current_state,
        "metrics": frame_json.old_metrics(message).model_dump(),
        "timestamp": timestamp,
    }
