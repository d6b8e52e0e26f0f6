"""A camera track, sampled: always drained, the newest due frame handed on at once."""

import asyncio
import logging
from typing import Protocol

import av
from aiortc.mediastreams import MediaStreamError

from rtc_server.aio import TaskSet
from rtc_server.clock import Clock
from rtc_server.errors import SourceEnded
from rtc_server.media.pace import Pace
from rtc_server.media.source import Frame
from rtc_server.media.timeline import Timeline
from rtc_server.reason import EndReason
from rtc_server.stats import Stats

log = logging.getLogger(__name__)


class Track(Protocol):
    """What of an aiortc ``MediaStreamTrack`` is needed here."""

    async def recv(self) -> object:
        """Wait for the next decoded frame; raises ``MediaStreamError`` at the end."""
        ...


class Sampler:
    """A :class:`~rtc_server.media.source.FrameSource` over a video track.

    aiortc's tracks queue without a limit, so a task of its own reads every frame at once. A
    consumer that is slower than the pace gets the newest due frame; the older are dropped.
    """

    def __init__(
        self, track: Track, clock: Clock, max_fps: float, stats: Stats | None = None
    ) -> None:
        """Start to drain ``track``; needs a running loop. ``stats`` count its frames."""
        self.received = 0
        """Frames that the track gave."""
        self.dropped = 0
        """Due frames that the consumer was too slow for."""
        self._stats = stats or Stats()
        self._track = track
        self._clock = clock
        self._pace = Pace(max_fps)
        self._timeline = Timeline()
        self._newest: Frame | None = None
        self._ended: EndReason | None = None
        self._news = asyncio.Event()
        self._tasks = TaskSet()
        self._tasks.start(self._drain(), "sampler")

    @property
    def max_fps(self) -> float:
        """Frames a second of media time that are handed on at most; may be changed any time."""
        return self._pace.max_fps

    @max_fps.setter
    def max_fps(self, value: float) -> None:
        self._pace.max_fps = value

    @property
    def source_fps(self) -> float | None:
        """Frames a second that the track gave lately; ``None`` before the second."""
        return self._pace.source_fps

    async def next(self) -> Frame:
        """Wait for the newest due frame; raises :class:`SourceEnded` once the track is over."""
        while (frame := self._newest) is None:
            if self._ended is not None:
                raise SourceEnded(self._ended)
            self._news.clear()
            await self._news.wait()
        self._newest = None
        return frame

    async def close(self) -> None:
        """Stop draining; whoever waits for a frame learns that there is none."""
        self._newest = None
        self._end(EndReason.TRACK_ENDED)
        await self._tasks.close()

    async def _drain(self) -> None:
        reason = EndReason.ERROR
        try:
            while True:
                self._offer(await self._track.recv())
        except MediaStreamError:
            reason = EndReason.TRACK_ENDED
        except Exception:  # the root of the task
            log.exception("reading a track failed")
        finally:
            self._end(reason)

    def _offer(self, image: object) -> None:
        if not isinstance(image, av.VideoFrame):
            return
        now = self._clock.monotonic()
        self.received += 1
        self._stats.received += 1
        time = self._timeline.place(image.time, now)
        if not self._pace.take(time):
            self._stats.dropped["pace"] += 1
            return
        if self._newest is not None:
            self.dropped += 1
            self._stats.dropped["newer"] += 1
        self._newest = Frame(time, now, image)
        self._news.set()

    def _end(self, reason: EndReason) -> None:
        if self._ended is None:
            self._ended = reason
        self._news.set()
