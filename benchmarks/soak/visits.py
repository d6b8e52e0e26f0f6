"""Students who come and go, each in a way of their own; most say goodbye, some do not."""

import asyncio
import base64
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import socketio

from benchmarks.capacity.recording import Recording
from benchmarks.capacity.tape import TapeTrack
from tests.fakes.publisher import Publisher
from tests.fakes.whip import WhipClient

log = logging.getLogger(__name__)
TURNED_AWAY = (
    aiohttp.ClientError,
    aiohttp.WSMessageTypeError,  # the socket was closed instead
    TimeoutError,
    socketio.exceptions.ConnectionError,
)
PATIENCE = 30.0
STUDENTS = 50
FPS = 10.0
FRAMES = 30
"""Measured frames before a student leaves: three seconds."""
JPEG = {"Content-Type": "image/jpeg"}
Message = dict[str, Any]
Way = Callable[["Visit"], Coroutine[Any, Any, None]]


class Visits:
    """Everything that a visit takes."""

    def __init__(self, url: str, recording: Recording) -> None:
        """``url``: of the service."""
        self._url = url
        self._recording = recording
        self._numbers = itertools.count()
        self._ways = itertools.cycle(WAYS)
        self.made: dict[str, int] = {}
        """How many of each kind."""

    async def rush(self, count: int) -> None:
        """So many students at the same moment."""
        await asyncio.gather(*(self._visit(Visit.requests) for _ in range(count)))

    async def next(self) -> None:
        """One visit, of the next kind."""
        await self._visit(next(self._ways))

    async def _visit(self, way: Way) -> None:
        """One student; on a busy machine the service may turn it away."""
        name = way.__name__
        student = str(1 + next(self._numbers) % STUDENTS)
        try:
            async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(self._url) as http:
                await way(Visit(http, self._url, self._recording, student))
        except TURNED_AWAY as error:
            log.warning("%s: %s %s", name, type(error).__name__, getattr(error, "status", ""))
            name = "turned away"
            await asyncio.sleep(1.0)
        self.made[name] = self.made.get(name, 0) + 1


class Visit:
    """One student, on a connection of their own."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, recording: Recording, student: str
    ) -> None:
        """``http`` is bound to the service at ``url``."""
        self._http = http
        self._url = url
        self._recording = recording
        self._student = student
        self._whip = WhipClient(http, url)

    async def webrtc(self) -> None:
        """Camera by WebRTC, to the summary."""
        async with self._publishing() as publisher:
            await self._whip.publish(publisher, user_id=self._student)
            await _measured(publisher)
            publisher.say({"v": 1, "type": "bye"})
            await publisher.hears("summary")

    async def comes_back(self) -> None:
        """The connection is lost, and the session goes on over a new one."""
        async with self._publishing() as first, self._publishing() as second:
            ticket = await self._whip.publish(first, user_id=self._student)
            await _measured(first)
            await first.kill()
            ticket = await self._whip.resume(second, ticket)
            await _measured(second)
            await self._whip.end(ticket)

    async def vanishes(self) -> None:
        """A killed tab."""
        async with self._publishing() as publisher:
            await self._whip.publish(publisher, user_id=self._student)
            await _measured(publisher)
            await publisher.kill()

    async def web_socket(self) -> None:
        """JPEGs over a WebSocket."""
        async with self._http.ws_connect("/ws/frames") as socket:
            await socket.send_json(self._message("attach", user_id=self._student))
            if (await socket.receive_json())["type"] != "attached":
                raise TimeoutError("not attached")
            for jpeg in self._pictures():
                await socket.send_bytes(jpeg)
                await asyncio.sleep(1 / FPS)
            await socket.send_json(self._message("bye"))
            while (await socket.receive_json())["type"] != "summary":
                pass

    async def requests(self) -> None:
        """JPEGs in single requests."""
        message = self._message("attach", user_id=self._student)
        async with self._http.post("/api/attach", json=message) as answer:
            answer.raise_for_status()
            resource = (await answer.json())["resource"]
        for jpeg in self._pictures():
            async with self._http.post(f"{resource}/frames", data=jpeg, headers=JPEG) as answer:
                answer.raise_for_status()
            await asyncio.sleep(1 / FPS)
        async with self._http.post(f"{resource}/messages", json=self._message("bye")) as answer:
            answer.raise_for_status()

    async def old_page(self) -> None:
        """The old service's requests; it never says goodbye."""
        body: Message = {"user_id": self._student, "module_id": "3"}
        for jpeg in self._pictures():
            body["frame_base64"] = base64.b64encode(jpeg).decode()
            async with self._http.post("/api/frames", json=body) as answer:
                answer.raise_for_status()
            await asyncio.sleep(1 / FPS)

    async def old_events(self) -> None:
        """The old service's Socket.IO."""
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(self._url, wait_timeout=10)
        try:
            ids = {"user_id": self._student, "module_id": "3", "section_id": "2"}
            await client.emit("start_tracking", ids)
            for jpeg in self._pictures():
                frame = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
                await client.emit("video_frame", {"frame": frame, "timestamp": 1})
                await asyncio.sleep(1 / FPS)
            await client.emit("stop_tracking")
            await asyncio.sleep(0.5)
        finally:
            await client.disconnect()

    async def refused(self) -> None:
        """What gets nowhere: a bad offer, a peer that never connects, a picture of nothing."""
        sdp = {"Content-Type": "application/sdp"}
        ids = {"user_id": self._student, "module_id": "3"}
        async with self._http.post("/whip", params=ids, data="v=0", headers=sdp) as answer:
            assert answer.status in {422, 503}
        async with self._publishing() as publisher:
            offer = await publisher.offer()
            async with self._http.post("/whip", params=ids, data=offer, headers=sdp) as answer:
                answer.raise_for_status()
                resource = answer.headers["Location"]
            async with self._http.get(f"{resource}/events") as answer:
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await answer.content.readline()
        body = ids | {"frame_base64": base64.b64encode(b"\xff\xd8 nothing").decode()}
        async with self._http.post("/api/frames", json=body) as answer:
            assert answer.status in {422, 503}

    @asynccontextmanager
    async def _publishing(self) -> AsyncIterator[Publisher]:
        publisher = Publisher(TapeTrack(self._recording, 0.0))
        publisher.prefer("VP8")
        try:
            yield publisher
        finally:
            await publisher.close()

    def _pictures(self) -> list[bytes]:
        return list(itertools.islice(itertools.cycle(self._recording.jpegs), FRAMES))

    @staticmethod
    def _message(kind: str, **fields: object) -> Message:
        ids = {"module_id": "3", "section_id": "2"} if kind == "attach" else {}
        return {"v": 1, "type": kind, **ids, **fields}


async def _measured(publisher: Publisher) -> None:
    for _ in range(FRAMES):
        await publisher.metrics.get()


WAYS: tuple[Way, ...] = (
    Visit.webrtc,
    Visit.web_socket,
    Visit.webrtc,
    Visit.requests,
    Visit.comes_back,
    Visit.old_page,
    Visit.webrtc,
    Visit.vanishes,
    Visit.old_events,
    Visit.refused,
)
"""Half of them by WebRTC."""
