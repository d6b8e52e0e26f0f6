"""A stream of pictures, sampled: the newest due one is handed on at once, the others never."""

import asyncio

from rtc_server.clock import Clock
from rtc_server.errors import SourceEnded
from rtc_server.media.pace import Pace
from rtc_server.media.source import Frame, Undecoded
from rtc_server.media.timeline import Timeline
from rtc_server.reason import EndReason
from rtc_server.stats import Stats


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
        self._timeline = Timeline()
        self._newest: Frame | None = None
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
        """Wait for the newest due frame; raises :class:`SourceEnded` once the stream is over."""
        while (frame := self._newest) is None:
            if self._ended is not None:
                raise SourceEnded(self._ended)
            self._news.clear()
            await self._news.wait()
        self._newest = None
        return frame

    async def close(self) -> None:
        """Take no more; whoever waits for a frame learns that there is none."""
        self.end()
        self._newest = None

    def offer(self, image: Undecoded, stamp: float | None) -> None:
        """Take the stream's newest picture; ``stamp``: seconds in the stream's own time."""
        if self._ended is not None:
            return
        now = self._clock.monotonic()
        self.received += 1
        self._stats.received += 1
        time = self._timeline.place(stamp, now)
        if not self._pace.take(time):
            self._stats.dropped["pace"] += 1
            return
        if self._newest is not None:
            self.dropped += 1
            self._stats.dropped["newer"] += 1
        self._newest = Frame(time, now, image)
        self._news.set()

    def end(self) -> None:
        """No picture follows; the one that waits is still handed on."""
        if self._ended is None:
            self._ended = EndReason.TRACK_ENDED
        self._news.set()
