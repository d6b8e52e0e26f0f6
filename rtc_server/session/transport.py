"""A session's connections to its client: the one that is served, the newer, those that close.

In the worker, on its loop.
"""

import asyncio
from typing import Protocol

from rtc_server.base.aio import TaskSet, first_of
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import ConnectTimeout, FrameRefused, SessionClosed
from rtc_server.media.source import FrameSource, Load


class Transport(Protocol):
    """One connection to the client: frames come in, messages go both ways."""

    lost: asyncio.Future[EndReason]
    """Done when the other side is gone."""
    patience: float
    """Seconds without a frame after which the session ends as idle."""

    @property
    def frames(self) -> FrameSource:
        """Where its frames come from."""
        ...

    @property
    def load(self) -> Load | None:
        """What its video asks of us; ``None`` where each picture was let in by itself."""
        ...

    @property
    def way(self) -> str:
        """How its frames come: see :class:`~rtc_server.session.status.SessionStatus`."""
        ...

    async def connected(self) -> None:
        """Wait until frames can arrive; raises :class:`ConnectTimeout`."""

    async def receive(self) -> str:
        """Wait for the client's next control message."""

    def send_metrics(self, text: str) -> None:
        """Send what may be lost: the newest wins."""

    def send_control(self, text: str) -> None:
        """Send what must arrive, in order."""

    def refuse(self, error: FrameRefused) -> None:
        """The last frame could not be analysed; the session goes on."""

    async def close(self) -> None:
        """Flush what must arrive within a bounded time, then close. Idempotent."""


class Transports:
    """The transports of one session: the newest that gets connected is served.

    Closing takes seconds where the other side is gone, so it happens beside what is served.
    Whatever was offered is closed in the end, also what was never served.
    """

    def __init__(self) -> None:
        """There is none yet."""
        self.served: Transport | None = None
        self.overtaken = False
        """Whether the newer one is connected, so that the served one has had its time."""
        self._before: Transport | None = None
        self._newer: Transport | None = None
        self._offered = asyncio.Event()
        self._closing = TaskSet()
        self._closed = False

    @property
    def waiting(self) -> bool:
        """Whether there is a transport to go on with."""
        return self._newer is not None

    def send_last(self, text: str) -> None:
        """Send what is said last; through a transport that is gone it reaches who listens along."""
        transport = self.served or self._before
        if transport is not None:
            transport.send_control(text)

    def offer(self, transport: Transport) -> None:
        """Go on with ``transport`` once it is connected; one that was offered before is closed.

        Raises :class:`SessionClosed` when nothing is served any more.
        """
        if self._closed:
            raise SessionClosed
        self._drop(self._newer)
        self._newer = transport
        self._offered.set()

    async def offered(self) -> None:
        """Wait until there is a further transport."""
        await self._offered.wait()

    def take(self) -> Transport:
        """Serve the newest from now on; the one that was served closes beside it."""
        newest = self._newer
        if newest is None:
            raise RuntimeError("no transport waits")
        self._drop(self.served)
        self.served, self._newer, self.overtaken = newest, None, False
        self._offered.clear()
        return newest

    async def superseded(self) -> None:
        """Wait until a newer transport can carry the session: the one that is served is done then.

        Until the newer is connected the older goes on, so that no time is lost in between.
        """
        while not self.overtaken:
            await self.offered()
            self._offered.clear()
            newer = self._newer
            if newer is None:
                continue
            reached = await first_of(_reached(newer), self._overtaken())
            if self._newer is not newer:  # a still newer one has come, and closed it
                continue
            self.overtaken = reached
            if not reached:
                self._drop(newer)
                self._newer = None

    def lose(self) -> None:
        """The one that is served is gone; it closes beside whatever comes next."""
        self._drop(self.served)
        self.served, self._before = None, self.served

    def refuse_more(self) -> None:
        """The session ends: take no further one."""
        self._closed = True

    async def close(self) -> None:
        """Close all of them, and wait for those that are closing."""
        self.refuse_more()
        self._drop(self.served)
        self._drop(self._newer)
        self.served = self._newer = None
        await self._closing.join()

    def _drop(self, transport: Transport | None) -> None:
        if transport is not None:
            self._closing.start(transport.close(), "close a transport")

    async def _overtaken(self) -> bool:
        """A still newer transport has come."""
        await self.offered()
        return False


async def _reached(transport: Transport) -> bool:
    """Whether ``transport`` gets connected."""
    try:
        await transport.connected()
    except ConnectTimeout:
        return False
    return True
