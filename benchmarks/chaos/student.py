"""Students of the chaos run: each lives one script, whatever becomes of the service meanwhile."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from aiortc.exceptions import InvalidStateError

from benchmarks.chaos.script import FPS, Account, Scene, pictures
from tests.fakes.face_track import face_track
from tests.fakes.publisher import Publisher
from tests.fakes.socket_student import AttachRefused, ConnectionGone, SocketStudent
from tests.fakes.whip import Ticket, WhipClient

ENDED = frozenset({404, 410})
GONE = frozenset({"session_closed", "session_not_found"})
"""Codes that say: this session takes nothing more."""
PAUSE = 0.3
"""Seconds before another try."""
ANSWER_SECONDS = 8.0
"""A page that hears nothing for so long gives its connection up."""
SUMMARY_SECONDS = 25.0
"""A summary is told once it is written, which a full disk holds up."""
LOST = (ConnectionGone, ConnectionError, aiohttp.ClientError, TimeoutError)

Services = Callable[[], Sequence[str]]
"""Addresses of the services that take sessions now."""


class SessionOver(Exception):
    """The service has ended the session."""


@dataclass(slots=True)
class Told:
    """What one student knows of its session at the end."""

    user_id: str
    kind: str
    session_id: str = ""
    account: Account = field(default_factory=Account)
    left: bool = False
    """The student closed the page without a word."""
    summary: bool = False
    """The summary was told."""


class Line(Protocol):
    """A student's connection to the services."""

    async def begin(self, url: str) -> str:
        """Open the session at ``url``; its id."""
        ...

    async def resume(self, url: str) -> None:
        """Go on with it on another connection."""
        ...

    async def show(self, scene: Scene, account: Account) -> None:
        """Show one moment, and book it once it was answered."""
        ...

    async def bye(self) -> None:
        """End the session and wait for its summary."""
        ...

    async def close(self) -> None:
        """Leave without a word."""
        ...


class Student:
    """Lives ``script`` on a line; comes back to whichever service is up when it breaks."""

    def __init__(self, line: Line, told: Told, services: Services, chance: random.Random) -> None:
        """``told`` is filled while it lives."""
        self._line = line
        self._told = told
        self._services = services
        self._chance = chance

    async def live(self, script: Sequence[Scene], *, bye: bool) -> None:
        """From the first picture to the bye, or to the closed page."""
        await self._begin()
        with suppress(SessionOver):
            for scene in script:
                await self._play(scene)
            if bye:
                await self._say_bye()
        self._told.left = not bye
        await self._line.close()

    async def _begin(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._told.session_id = await self._line.begin(await self._service())
            except (AttachRefused, *LOST):
                await asyncio.sleep(PAUSE)
            else:
                return

    async def _play(self, scene: Scene) -> None:
        until = time.monotonic() + scene.seconds
        while time.monotonic() < until:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._line.show(scene, self._told.account)
            except LOST:
                await self._come_back()

    async def _say_bye(self) -> None:
        while True:
            try:
                self._told.account.bye(time.monotonic())
                async with asyncio.timeout(SUMMARY_SECONDS):
                    await self._line.bye()
            except LOST:
                await self._come_back()
            else:
                self._told.summary = True
                return

    async def _come_back(self) -> None:
        """Resume anywhere; raises :class:`SessionOver` where it has ended."""
        self._told.account.losses += 1
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._line.resume(await self._service())
            except AttachRefused as refused:
                if refused.code in GONE:
                    raise SessionOver from refused
            except LOST:
                pass
            await asyncio.sleep(PAUSE)

    async def _service(self) -> str:
        while True:
            up = self._services()
            if up:
                return self._chance.choice(up)
            await asyncio.sleep(PAUSE)


class PictureLine:
    """Pictures over the WebSocket."""

    def __init__(self, http: aiohttp.ClientSession, user_id: str, chance: random.Random) -> None:
        """``user_id``: nobody else's."""
        self._student = SocketStudent(http)
        self._ids = {"user_id": user_id, "module_id": "3", "section_id": "2"}
        self._pictures = {present: pictures(present) for present in (True, False)}
        self._due = time.monotonic() + chance.uniform(0, 1 / FPS)

    async def begin(self, url: str) -> str:
        """See :class:`Line`."""
        await self._student.attach(url, **self._ids)
        return str(self._student.ticket["session_id"])

    async def resume(self, url: str) -> None:
        """See :class:`Line`."""
        await self._student.resume(url)

    async def show(self, scene: Scene, account: Account) -> None:
        """See :class:`Line`."""
        self._due = max(self._due + 1 / FPS, time.monotonic())
        await asyncio.sleep(self._due - time.monotonic())
        sent = time.monotonic()
        account.send(sent)
        await self._student.frame(next(self._pictures[scene.present]))
        account.add(sent, present=scene.present)

    async def bye(self) -> None:
        """See :class:`Line`."""
        await self._student.bye()

    async def close(self) -> None:
        """See :class:`Line`."""
        await self._student.close()


class PeerLine:
    """A real aiortc peer with a camera; its student never leaves the picture."""

    def __init__(self, http: aiohttp.ClientSession, user_id: str) -> None:
        """``user_id``: nobody else's."""
        self._http = http
        self._ids = {"user_id": user_id}
        self._publisher: Publisher | None = None
        self._ticket: Ticket | None = None

    async def begin(self, url: str) -> str:
        """See :class:`Line`."""
        publisher = await self._fresh()
        self._ticket = await _told(WhipClient(self._http, url).publish(publisher, **self._ids))
        return self._ticket.session_id

    async def resume(self, url: str) -> None:
        """See :class:`Line`."""
        ticket = self._ticket
        if ticket is None:
            raise ConnectionGone(None)
        publisher = await self._fresh()
        self._ticket = await _told(WhipClient(self._http, url).resume(publisher, ticket))

    async def show(self, scene: Scene, account: Account) -> None:
        """See :class:`Line`."""
        account.send(time.monotonic())
        await self._open.metrics.get()
        account.add(time.monotonic(), present=scene.present)

    async def bye(self) -> None:
        """See :class:`Line`."""
        publisher = self._open
        await publisher.opened.wait()
        try:
            publisher.say({"v": 1, "type": "bye"})
        except InvalidStateError as error:
            raise ConnectionGone(None) from error
        await publisher.hears("summary")

    async def close(self) -> None:
        """See :class:`Line`."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.close()

    async def _fresh(self) -> Publisher:
        await self.close()
        self._publisher = Publisher(face_track())
        return self._publisher

    @property
    def _open(self) -> Publisher:
        if self._publisher is None or self._publisher.connection.connectionState == "closed":
            raise ConnectionGone(None)
        return self._publisher


async def _told(exchange: Awaitable[Ticket]) -> Ticket:
    """The answer to an offer; raises :class:`AttachRefused` where the session has ended."""
    try:
        return await exchange
    except aiohttp.ClientResponseError as error:
        if error.status in ENDED:
            raise AttachRefused("session_closed") from error
        raise
