"""Pictures that come one by one over HTTP, as a frame source; on the worker's loop."""

import asyncio
import math
from dataclasses import dataclass

from rtc_server.base.aio import LatestBox
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed, SourceEnded
from rtc_server.base.stats import Stats
from rtc_server.media.pace import Pace
from rtc_server.media.source import Frame


@dataclass(frozen=True, slots=True)
class Pushed:
    """A picture and who waits for what it says."""

    frame: Frame
    reading: asyncio.Future[str | None]
    """The frame's metrics message; ``None`` when a newer frame took its place."""


class PushedFrames:
    """A :class:`FrameSource` of JPEGs; the newest wins when the consumer is slow.

    There is no media clock: a picture was taken when it arrived here, which nobody can forge.
    """

    def __init__(self, stats: Stats | None = None) -> None:
        """Nothing came yet; ``stats`` count what will."""
        self._stats = stats or Stats()
        self._pace: Pace | None = None
        self._box: LatestBox[Pushed | EndReason] = LatestBox()
        self._waiting: Pushed | None = None
        self._served: Pushed | None = None
        self._ended: EndReason | None = None

    def push(self, jpeg: bytes, received_at: float) -> asyncio.Future[str | None]:
        """Offer a picture that came at ``received_at`` (monotonic s); await what it says.

        Raises :class:`SessionClosed` when nobody takes pictures any more.
        """
        if self._ended is not None:
            raise SessionClosed
        self._stats.received += 1
        reading: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if self._pace is not None and not self._pace.take(received_at):
            self._stats.dropped["pace"] += 1
            reading.set_result(None)
            return reading
        pushed = Pushed(Frame(received_at, received_at, jpeg), reading)
        if self._waiting is not None:
            self._stats.dropped["newer"] += 1
        _settle(self._waiting, None)
        self._waiting = pushed
        self._box.put(pushed)
        return reading

    @property
    def max_fps(self) -> float:
        """Pictures a second that are handed on at most: without limit until one is set."""
        return math.inf if self._pace is None else self._pace.max_fps

    @max_fps.setter
    def max_fps(self, value: float) -> None:
        if self._pace is None:
            self._pace = Pace(value)
        self._pace.max_fps = value

    @property
    def source_fps(self) -> None:
        """Not known: what comes too fast is refused before it reaches this."""
        return

    async def next(self) -> Frame:
        """Wait for the newest picture; raises :class:`SourceEnded`."""
        item = await self._box.get()
        if isinstance(item, EndReason):
            self._box.put(item)
            raise SourceEnded(item)
        self._waiting = None
        self._served = item
        return item.frame

    def answer(self, text: str) -> None:
        """What the frame that was handed on last says."""
        _settle(self._served, text)

    def refuse(self, error: Exception) -> None:
        """The frame that was handed on last says nothing, and why."""
        _fail(self._served, error)

    def end(self, reason: EndReason) -> None:
        """No further picture comes. The first reason counts."""
        if self._ended is None:
            self._ended = reason
            _fail(self._waiting, SessionClosed())
            _fail(self._served, SessionClosed())
            self._box.put(reason)

    async def close(self) -> None:
        """Refuse all that still waits. Idempotent."""
        self.end(EndReason.TRACK_ENDED)


def _settle(pushed: Pushed | None, text: str | None) -> None:
    if pushed is not None and not pushed.reading.done():
        pushed.reading.set_result(text)


def _fail(pushed: Pushed | None, error: Exception) -> None:
    if pushed is not None and not pushed.reading.done():
        pushed.reading.set_exception(error)
