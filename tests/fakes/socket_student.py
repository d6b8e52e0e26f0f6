"""A student whose pictures go over the WebSocket, by our own protocol."""

import asyncio
import json
from typing import Any

import aiohttp

Message = dict[str, Any]


class ConnectionGone(Exception):
    """The service has closed the WebSocket."""

    def __init__(self, code: int | None) -> None:
        """``code``: RFC 6455, 7.4; ``None`` where it just broke off."""
        super().__init__(f"closed with {code}")
        self.code = code


class AttachRefused(Exception):
    """The service does not take the session, and says why."""

    def __init__(self, code: str) -> None:
        """``code`` of the notice."""
        super().__init__(code)
        self.code = code


class SocketStudent:
    """One session; :meth:`attach` and :meth:`resume` open connections for it."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.ticket: Message = {}
        """What ``attached`` said: ``session_id``, ``resource``, ``resume_token``."""

    async def attach(self, url: str, **ids: str) -> None:
        """Begin a session at the service of ``url``; raises :class:`AttachRefused`."""
        await self._attach(url, ids)

    async def resume(self, url: str) -> None:
        """Go on with it; raises :class:`AttachRefused`."""
        await self._attach(url, {key: self.ticket[key] for key in ("session_id", "resume_token")})

    async def frame(self, picture: bytes) -> list[Message]:
        """Have a picture analysed; all messages up to its metrics, which are the last."""
        await self._open.send_bytes(picture)
        return await self.hear("metrics")

    async def bye(self) -> Message:
        """End the session; its summary."""
        await self.say("bye")
        return (await self.hear("summary"))[-1]

    async def say(self, kind: str, **fields: object) -> None:
        await self._open.send_json({"v": 1, "type": kind, **fields})

    async def hear(self, kind: str) -> list[Message]:
        """Everything up to the next message of this type; raises :class:`ConnectionGone`."""
        heard: list[Message] = []
        while not heard or heard[-1]["type"] != kind:
            heard.append(await self._next())
        return heard

    async def hear_any(self, *kinds: str) -> Message:
        """The next message of one of these types; raises :class:`ConnectionGone`."""
        while True:
            message = await self._next()
            if message["type"] in kinds:
                return message

    async def close(self) -> None:
        """Leave without a word."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    @property
    def _open(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is None:
            raise ConnectionGone(None)
        return self._socket

    async def _attach(self, url: str, who: dict[str, str]) -> None:
        await self.close()
        timeout = aiohttp.ClientWSTimeout(ws_close=1.0)
        self._socket = await self._http.ws_connect(f"{url}/ws/frames", timeout=timeout)
        await self.say("attach", **who)
        answer = await self._next()
        while answer["type"] not in {"attached", "notice"}:
            answer = await self._next()  # a session that goes on may speak first
        if answer["type"] == "notice":
            raise AttachRefused(answer["code"])
        self.ticket = answer

    async def _next(self) -> Message:
        received = await self._open.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            code = received.data if received.type is aiohttp.WSMsgType.CLOSE else None
            raise ConnectionGone(code)
        message: Message = json.loads(received.data)
        return message


async def stream(student: SocketStudent, picture: bytes, frames: int, fps: float = 5.0) -> Message:
    """Send so many pictures; the last one's metrics."""
    for _ in range(frames - 1):
        await student.frame(picture)
        await asyncio.sleep(1 / fps)
    return (await student.frame(picture))[-1]
