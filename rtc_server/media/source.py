"""What a session sees of its frames, whichever way they came; on the worker's loop."""

from dataclasses import dataclass
from typing import Protocol

import av

MAX_SIDE = 8192
"""Pixels of a picture's longer side. MediaPipe aborts the process on 32,767."""


class Undecoded(Protocol):
    """A picture of a stream that is decoded when somebody looks at it."""

    @property
    def width(self) -> int | None:
        """Pixels; ``None`` before it was decoded."""
        ...

    def decode(self) -> av.VideoFrame:
        """Decode it; blocks. Raises :class:`~rtc_server.base.errors.FrameRefused`."""
        ...


class PictureSink(Protocol):
    """Whoever is shown the pictures of a stream."""

    def offer(self, image: Undecoded, stamp: float) -> None:
        """Take the newest picture; ``stamp``: seconds in the stream's own time."""
        ...

    def end(self) -> None:
        """No picture follows. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and its two times."""

    media_time: float
    """When it was taken, as its stream says: seconds of the clock of ``received_at``, evenly spaced
    where arrivals jitter; never goes back."""
    received_at: float
    """Monotonic seconds of this process when the frame was complete."""
    image: av.VideoFrame | Undecoded | bytes
    """A frame of any pixel format, decoded or not yet, or a JPEG."""

    @property
    def width(self) -> int | None:
        """Pixels of a decoded frame; ``None`` before, and for a JPEG."""
        return None if isinstance(self.image, bytes) else self.image.width


@dataclass(frozen=True, slots=True)
class Load:
    """What a stream asks of us."""

    pixels: int | None
    """Of the newest key frame; ``None`` where that is not known."""
    received_bytes: int
    """Since it began, headers included."""
    received_packets: int = 0
    """Since it began."""
    cpu_seconds: float = 0.0
    """Of the event loop's thread, since it began."""


class FrameSource(Protocol):
    """Hands on frames at the pace of its consumer: the newest due one, never a backlog."""

    max_fps: float
    """Frames a second that are handed on at most; may be changed any time."""

    async def next(self) -> Frame:
        """Wait for the newest due frame; raises :class:`~rtc_server.base.errors.SourceEnded`."""
        ...

    @property
    def source_fps(self) -> float | None:
        """Frames a second that the source gave lately; ``None`` where that is not known."""
        ...

    async def close(self) -> None:
        """Stop and let go of everything. Idempotent."""
        ...
