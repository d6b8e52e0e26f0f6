"""What a media worker counts, and how it crosses to the front process."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SECONDS = (0.002, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1.0)
"""Upper bounds of the buckets that times are counted in."""


class Histogram:
    """How often a time fell into which bucket; not for several threads at once."""

    def __init__(self) -> None:
        """Start empty."""
        self.counts = [0] * (len(SECONDS) + 1)
        """Per bucket of ``SECONDS``, and beyond the last."""
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.total += seconds

    def as_body(self) -> dict[str, Any]:
        """JSON-able."""
        return {"counts": self.counts, "total": self.total}


@dataclass(slots=True)
class Stats:
    """One worker's, since it started."""

    received: int = 0
    """Frames and pictures that came whole."""
    measured: int = 0
    """Frames of which metrics were sent."""
    dropped: Counter[str] = field(default_factory=Counter)
    """By cause: ``pace`` (not due), ``newer`` (one more recent took its place), ``refused``."""
    refused: Counter[str] = field(default_factory=Counter)
    """Frames, messages and publishers, by the code of what they were told or would have been."""
    datagrams_lost: Counter[str] = field(default_factory=Counter)
    """By cause: ``unknown`` (of no session), ``buffer`` (the kernel had no room), ``unsent``,
    ``tcp_queue`` (a TCP connection did not take them in time)."""
    tcp_connections: Counter[str] = field(default_factory=Counter)
    """Those that this worker accepted itself, by what became of them."""
    inference: Histogram = field(default_factory=Histogram)
    """Seconds that a vision thread was busy with a frame."""
    waiting: Histogram = field(default_factory=Histogram)
    """Seconds that a frame waited for a vision thread."""
    end_to_end: Histogram = field(default_factory=Histogram)
    """Seconds from a whole frame, not decoded yet, to its sent metrics."""
    loop_lag: Histogram = field(default_factory=Histogram)
    """Seconds that the event loop was late."""

    def as_body(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "received": self.received,
            "measured": self.measured,
            "dropped": dict(self.dropped),
            "refused": dict(self.refused),
            "datagrams_lost": dict(self.datagrams_lost),
            "tcp_connections": dict(self.tcp_connections),
            "inference": self.inference.as_body(),
            "waiting": self.waiting.as_body(),
            "end_to_end": self.end_to_end.as_body(),
            "loop_lag": self.loop_lag.as_body(),
        }
