"""Both sides of aiortc's decoder thread: bounded queues, and a steady media clock."""

import asyncio
import queue
from collections.abc import Callable
from typing import Any

from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from rtc_server.clock import Clock
from rtc_server.peer.bitstream import is_key_frame, pixels
from rtc_server.peer.jitter import VideoFrame

BACKLOG = 30
"""Encoded frames that may wait for the decoder: one second at 30 fps."""
KEY_FRAME_AGAIN = 0.5
"""Seconds after which an outstanding key frame is asked for again."""
KEY_FRAME_PATIENCE = 3.0
"""Seconds to wait for a key frame; some encoders never send one again (intra refresh)."""
DECODED = 4
"""Decoded frames that may wait for the sampler."""
CLOCK_RATE = 90_000
RESTART = 5.0
"""Seconds by which RTP time and arrival may differ before it counts as a new timeline."""

MAX_PIXELS = 3840 * 2160
"""Larger pictures are not decoded: 16383 x 16383 would take 400 MB each."""


class DecoderQueue(queue.SimpleQueue[Any]):
    """Encoded frames on their way to the decoder thread; drops, never waits.

    Frames build on the ones before, so one is never dropped alone: after a gap, or when the
    decoder falls ``BACKLOG`` frames behind, everything up to the next key frame goes, and that one
    is asked for. aiortc's own queue is unbounded, and decodes on over gaps into smeared pictures.
    """

    def __init__(self, clock: Clock, need_key_frame: Callable[[], None]) -> None:
        """``need_key_frame`` is called when the sender should send one."""
        super().__init__()
        self.dropped = 0
        self._clock = clock
        self._need_key_frame = need_key_frame
        self._skipping_since: float | None = clock.monotonic()
        self._asked: float | None = None

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ANN401, FBT001, FBT002, ARG002 - queue.Queue's signature
        """Take ``(codec, frame)``, or None as the end; the end empties the queue."""
        if item is None:
            self._empty()
            super().put(None)
        elif self._wanted(*item):
            super().put(item)
        else:
            self.dropped += 1

    def _wanted(self, codec: RTCRtpCodecParameters, frame: VideoFrame) -> bool:
        if self._is_too_large(codec, frame):
            self._skip()
            return False
        if self.qsize() >= BACKLOG:
            self._empty()
            self._skip()
        elif not frame.intact:
            self._skip()
        if self._skipping_since is None:
            return True
        now = self._clock.monotonic()
        if is_key_frame(codec.name, frame.data) or now - self._skipping_since > KEY_FRAME_PATIENCE:
            self._skipping_since = self._asked = None
            return True
        self._ask(now)
        return False

    @staticmethod
    def _is_too_large(codec: RTCRtpCodecParameters, frame: VideoFrame) -> bool:
        size = pixels(codec.name, frame.data)
        return size is not None and size > MAX_PIXELS

    def _skip(self) -> None:
        if self._skipping_since is None:
            self._skipping_since = self._clock.monotonic()

    def _ask(self, now: float) -> None:
        if self._asked is None or now - self._asked >= KEY_FRAME_AGAIN:
            self._asked = now
            self._need_key_frame()

    def _empty(self) -> None:
        try:
            while True:
                self.get_nowait()
                self.dropped += 1
        except queue.Empty:
            pass


class NewestQueue(asyncio.Queue[Any]):
    """Decoded frames on their way to the sampler: the oldest goes when it is full, put never waits.

    aiortc's own queue is unbounded: an unread track grew by 130 MB in 10 s.
    """

    def __init__(self) -> None:
        """Hold ``DECODED`` frames."""
        super().__init__()
        self.dropped = 0

    async def put(self, item: Any) -> None:  # noqa: ANN401 - asyncio.Queue's signature
        """Take a decoded frame, or None as the end of the track."""
        while self.qsize() >= DECODED:
            self.get_nowait()
            self.dropped += 1
        self.put_nowait(item)


class MediaClock:
    """RTP timestamps → ticks (90 kHz) since the first frame, always forward.

    Takes the place of aiortc's ``TimestampMapper``, in which a timestamp that goes back, or a
    sender that starts a new timeline, jumps by up to 2^32 ticks (13 hours).
    """

    def __init__(self, clock: Clock) -> None:
        """Begin at 0 with the first timestamp."""
        self._clock = clock
        self._ticks = 0
        self._last: int | None = None
        self._seen = 0.0

    def map(self, timestamp: int) -> int:
        """Ticks of ``timestamp``; a new timeline goes on where the time of day is."""
        now = self._clock.monotonic()
        if self._last is not None:
            step = (timestamp - self._last + (1 << 31)) % (1 << 32) - (1 << 31)
            passed = int((now - self._seen) * CLOCK_RATE)
            if abs(step - passed) > RESTART * CLOCK_RATE:
                step = passed
            self._ticks += max(1, step)
        self._last, self._seen = timestamp, now
        return self._ticks
