"""A client of our own protocol on ``/ws/frames``: binary JPEGs in, messages both ways."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from pydantic import ValidationError

from rtc_server.base.aio import TaskSet
from rtc_server.base.errors import RtcServerError, SessionClosed, SessionNotFound, WorkerLost
from rtc_server.front.admission import Admitted
from rtc_server.front.mailbox import Mailbox
from rtc_server.front.placement import Placement
from rtc_server.metrics import wire
from signaling.access.caller import Caller
from signaling.access.limits import Refusals
from signaling.http.errors import BadRequest, told
from signaling.pictures.picture_session import PictureSession, attached_message
from signaling.pictures.sessions import PictureSessions

GONE = (SessionNotFound, SessionClosed, WorkerLost)
"""After these nothing comes of this connection any more: the client goes on with another."""
LAST_WORDS_SECONDS = 0.5
"""What the session said before it went may still be on its way here."""


def read_attach(text: str) -> wire.Attach | None:
    """The ``attach`` in ``text``; ``None`` when it is something else."""
    try:
        message = wire.decode_client(text)
    except ValidationError:
        return None
    return message if isinstance(message, wire.Attach) else None


class FrameSocket:
    """One such client, from its ``attach`` to the end of its connection."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        sessions: PictureSessions,
        placement: Placement,
        refusals: Refusals,
        root: str,
        known: Callable[[], None] = lambda: None,
    ) -> None:
        """``socket`` is open; what it is refused goes to ``refusals``.

        ``root``: the path that the service is reached by; ``known`` is called once it is let in.
        """
        self._known = known
        self._socket = socket
        self._sessions = sessions
        self._placement = placement
        self._refusals = refusals
        self._root = root

    async def begin(self, caller: Caller) -> None:
        """Open a session and serve it; raises what :meth:`PictureSessions.begin` raises."""
        opening = self._sessions.begin(caller)
        await self._serve(caller.identity.session_id, opening)

    async def resume(self, address: str, session_id: str, resume_token: str) -> None:
        """Go on with a session and serve it; raises what :meth:`PictureSessions.resume` raises."""
        opening = self._sessions.resume(address, session_id, resume_token, "websocket")
        await self._serve(session_id, opening)

    async def _serve(
        self, session_id: str, opening: Coroutine[Any, Any, tuple[PictureSession, Admitted]]
    ) -> None:
        # The session may speak before it is known here that it is open.
        listening = self._placement.listen(session_id)
        try:
            session, admitted = await opening
            self._known()
            await self._send(attached_message(admitted, self._root))
            await self._exchange(session, listening)
        finally:
            listening.close()

    async def _exchange(self, session: PictureSession, listening: Mailbox) -> None:
        tasks = TaskSet()
        tasks.start(self._tell(listening), "messages to a web socket")
        try:
            async for message in self._socket:
                await self._take(session, message)
        finally:
            await tasks.close()
            await session.detach()

    async def _tell(self, listening: Mailbox) -> None:
        while True:
            text = await listening.get()
            if not wire.is_metrics(text):  # they answer the picture; here they are for others
                await self._socket.send_str(text)

    async def _take(self, session: PictureSession, message: WSMessage) -> None:
        try:
            if message.type is WSMsgType.BINARY:
                await self._frame(session, message.data)
            elif message.type is WSMsgType.TEXT:
                await session.say(message.data)
        except GONE as error:
            await self._refuse(error)
            await asyncio.sleep(LAST_WORDS_SECONDS)
            await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        except RtcServerError as error:
            await self._refuse(error)

    async def _refuse(self, error: RtcServerError) -> None:
        self._refusals.count(error)
        await self._send(wire.Notice(code=error.code, message=told(error)))

    async def _frame(self, session: PictureSession, jpeg: bytes) -> None:
        if not jpeg:
            raise BadRequest("an empty frame", code="frame_missing")
        session.take()
        metrics = await session.frame(jpeg)
        if metrics is not None:
            await self._socket.send_str(metrics)

    async def _send(self, message: wire.Attached | wire.Notice) -> None:
        await self._socket.send_str(wire.encode(message))
