"""A stream, sampled: the newest due picture goes on at once; on the worker's loop."""

import asyncio
from collections import deque

from rtc_server.base.clock import Clock
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SourceEnded
from rtc_server.base.stats import Stats
from rtc_server.media.pace import Pace
from rtc_server.media.source import Frame, Undecoded
from rtc_server.media.stamp_guard import StampGuard

BURST = 3
"""Due pictures that may wait when they came together: a network that loses packets holds some
back, and lets them go at once."""
PATIENCE = 0.09
"""Seconds that one may wait for that; less than a period, so that a slow consumer lags no more."""


class Sampler:
    """A :class:`~rtc_server.media.source.FrameSource` that is shown every picture of a stream.

    A consumer that is slower than the pace gets the newest due picture; the older are dropped.
    """

    def __init__(self, clock: Clock, max_fps: float, stats: Stats | None = None) -> None:
        """``stats`` count the pictures."""
        self.received = 0
        """Pictures that the stream gave."""
        self.dropped = 0
        """Due pictures that the consumer was too slow for."""
        self._stats = stats or Stats()
        self._clock = clock
        self._pace = Pace(max_fps)
        self._stamps = StampGuard()
        self._waiting: deque[Frame] = deque()
        self._ended: EndReason | None = None
        self._news = asyncio.Event()

    @property
    def max_fps(self) -> float:
        """Frames a second of media time that are handed on at most; may be changed any time."""
        return self._pace.max_fps

    @max_fps.setter
    def max_fps(self, value: float) -> None:
        self._pace.max_fps = value

    @property
    def source_fps(self) -> float | None:
        """Frames a second that the stream gave lately; ``None`` before the second."""
        return self._pace.source_fps

    async def next(self) -> Frame:
        """Wait for the next due frame; raises :class:`SourceEnded` once the stream is over."""
        self._drop_late(self._clock.monotonic())
        while not self._waiting:
            if self._ended is not None:
                raise SourceEnded(self._ended)
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    async def close(self) -> None:
        """Take no more; whoever waits for a frame learns that there is none."""
        self.end()
        self._waiting.clear()

    def offer(self, image: Undecoded, stamp: float | None) -> None:
        """Take the stream's newest picture; ``stamp``: seconds in the stream's own time."""
        if self._ended is not None:
            return
        now = self._clock.monotonic()
        self.received += 1
        self._stats.received += 1
        taken = self._stamps.place(stamp, now)
        if not self._pace.take(taken):
            self._stats.dropped["pace"] += 1
            return
        self._waiting.append(Frame(taken, now, image))
        self._drop_late(now)
        self._news.set()

    def _drop_late(self, now: float) -> None:
        """Drop what a newer frame takes the place of."""
        while len(self._waiting) > 1 and (
            len(self._waiting) > BURST or now - self._waiting[0].received_at > PATIENCE
        ):
            self._waiting.popleft()
            self.dropped += 1
            self._stats.dropped["newer"] += 1

    def end(self) -> None:
        """No picture follows; the one that waits is still handed on."""
        if self._ended is None:
            self._ended = EndReason.TRACK_ENDED
        self._news.set()
