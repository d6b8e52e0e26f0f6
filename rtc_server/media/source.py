"""What a session sees of its frames, whichever way they came."""

from dataclasses import dataclass
from typing import Protocol

import av


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and its two times."""

    media_time: float
    """Seconds since the source's first frame, on the media clock; never goes back."""
    received_at: float
    """Monotonic seconds of this process when the frame was complete."""
    image: av.VideoFrame | bytes
    """A decoded frame of any pixel format, or a JPEG."""

    @property
    def width(self) -> int | None:
        """Pixels of a decoded frame; ``None`` for a JPEG, which nobody has looked at yet."""
        return None if isinstance(self.image, bytes) else self.image.width


class FrameSource(Protocol):
    """Hands on frames at the pace of its consumer: the newest due one, never a backlog."""

    max_fps: float
    """Frames a second that are handed on at most; may be changed any time."""

    async def next(self) -> Frame:
        """Wait for the newest due frame; raises :class:`~rtc_server.errors.SourceEnded`."""
        ...

    @property
    def source_fps(self) -> float | None:
        """Frames a second that the source gave lately; ``None`` where that is not known."""
        ...

    async def close(self) -> None:
        """Stop and let go of everything. Idempotent."""
        ...
