"""A session's transport where frames come through the front process; on the worker's loop."""

import asyncio
from collections.abc import Callable

from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import FrameRefused
from rtc_server.base.stats import Stats
from rtc_server.media.pushed_frames import PushedFrames

PATIENCE = 30.0
"""Seconds without a picture after which the session ends, at most."""
INBOX = 32
"""Control messages that may wait; what comes beyond is dropped."""


class PictureTransport:
    """JPEG frames over WebSocket or REST: the picture comes in a call, its metrics go back."""

    def __init__(
        self,
        connection: str,
        tell: Callable[[str], None],
        stats: Stats | None = None,
        way: str = "websocket",
        patience: float = PATIENCE,
    ) -> None:
        """``tell`` carries a control message to the front process; it never waits.

        ``connection`` tells this transport from another of the same session; ``stats`` count its
        pictures; ``way`` is what carries them; ``patience``: seconds it waits for one.
        """
        self.connection = connection
        self.watched = False
        """Whether somebody listens who sends no pictures (server-sent events)."""
        self.way = way
        self._stats = stats or Stats()
        self.frames = PushedFrames(self._stats)
        self.lost: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self.patience = min(patience, PATIENCE)
        self._tell = tell
        self._inbox: asyncio.Queue[str] = asyncio.Queue(INBOX)

    def hear(self, text: str) -> None:
        """A control message came from the client."""
        try:
            self._inbox.put_nowait(text)
        except asyncio.QueueFull:
            self._stats.refused["too_many_messages"] += 1

    @property
    def load(self) -> None:
        """Each picture was let in by itself."""

    def detach(self) -> None:
        """The client's connection is gone."""
        if not self.lost.done():
            self.lost.set_result(EndReason.PEER_LOST)

    async def connected(self) -> None:
        """There is nothing to wait for."""

    async def receive(self) -> str:
        """Wait for the client's next control message."""
        return await self._inbox.get()

    def send_metrics(self, text: str) -> None:
        """Answer the frame's call."""
        self.frames.answer(text)
        if self.watched:
            self._tell(text)

    def refuse(self, error: FrameRefused) -> None:
        """Answer the picture that was handed on last with the reason."""
        self.frames.refuse(error)

    def send_control(self, text: str) -> None:
        """Hand it to the front process, which has the client's connection."""
        self._tell(text)

    async def close(self) -> None:
        """Answer all who still wait for a picture; nothing is left to flush."""
        self.detach()
        await self.frames.close()
