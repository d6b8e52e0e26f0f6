"""How far apart a camera's frames are, and so which gap is none. Pure."""

from collections import deque

SEEN = 5
"""Steps of which the middle one is the camera's own."""
SLOWEST = 2.1
"""Seconds; a camera that is slower tells too little of what was between."""
SLACK = 1.5


class Pace:
    """A slow camera is measured by its own rate: what is a gap for a fast one is its step."""

    def __init__(self, max_gap: float) -> None:
        """``max_gap``: seconds that are never a gap."""
        self._max_gap = max_gap
        self._steps: deque[float] = deque(maxlen=SEEN)

    def longest_gap(self, step: float) -> float:
        """Seconds between two frames that are no gap yet, with ``step`` as the newest.

        A camera that slows down is believed from its third step on.
        """
        if step > 0:
            self._steps.append(step)
        ordered = sorted(self._steps)
        middle = ordered[len(ordered) // 2] if len(ordered) >= 3 else 0.0  # noqa: PLR2004 - a majority
        return max(self._max_gap, SLACK * middle if middle <= SLOWEST else 0.0)
