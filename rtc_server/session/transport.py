"""A session's connections to its client: the one that is served, and those that may follow."""

import asyncio
from typing import Protocol

from rtc_server.base.aio import LatestBox, first_of
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import ConnectTimeout, FrameRefused
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
    """The transports of one session; the newest that gets connected is served."""

    def __init__(self) -> None:
        """There is none yet."""
        self.served: Transport | None = None
        self._dropped: Transport | None = None
        self._newer: Transport | None = None
        self._offers: LatestBox[Transport] = LatestBox()

    @property
    def waiting(self) -> bool:
        """Whether there is a transport to go on with."""
        return self._newer is not None or self._offers.filled

    def send_last(self, text: str) -> None:
        """Send what is said last; through a transport that is gone it reaches who listens along."""
        transport = self.served or self._dropped
        if transport is not None:
            transport.send_control(text)

    def offer(self, transport: Transport) -> None:
        """Go on with ``transport`` once it is connected."""
        self._offers.put(transport)

    async def offered(self) -> EndReason:
        """Wait until there is a further transport."""
        await self._offers.wait()
        return EndReason.PEER_LOST

    async def take(self) -> Transport:
        """Wait for a transport to go on with, and serve it from now on."""
        if self._newer is None:
            self._newer = await self._offers.get()
        self.served, self._newer, self._dropped = self._newer, None, None
        return self.served

    async def superseded(self) -> EndReason:
        """Wait until a newer transport can carry the session: the one that is served is done then.

        Until the newer is connected the older goes on, so that no time is lost in between.
        """
        while True:
            if self._newer is None:
                self._newer = await self._offers.get()
            reached = await first_of(_reached(self._newer), self._overtaken())
            if reached:
                return EndReason.PEER_LOST
            await self._newer.close()
            self._newer = None

    async def drop(self) -> None:
        """Close the transport that is served."""
        if self.served is not None:
            await self.served.close()
            self.served, self._dropped = None, self.served

    async def close(self) -> None:
        """Close all of them."""
        waiting = await self._offers.get() if self._offers.filled else None
        for transport in (self.served, self._newer, waiting):
            if transport is not None:
                await transport.close()

    async def _overtaken(self) -> bool:
        """A still newer transport has come."""
        await self._offers.wait()
        return False


async def _reached(transport: Transport) -> bool:
    """Whether ``transport`` gets connected."""
    try:
        await transport.connected()
    except ConnectTimeout:
        return False
    return True
