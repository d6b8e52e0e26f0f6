"""Blinks from the eye aspect ratio."""

from collections import deque
from typing import Any

LOOK_AHEAD = 0.45
"""Seconds that the eye must have been open on either side of a dip."""
MIN_DEPTH = 0.25
MAX_DURATION = 0.9
REFRACTORY = 0.15


class DipCounter:
    """Finds dips of the eye aspect ratio with a look at both sides, ``LOOK_AHEAD`` s late."""

    def __init__(self) -> None:
        self.blinks: list[tuple[float, float]] = []
        self._samples: deque[tuple[float, float]] = deque()

    def add(self, at: float, ear: float) -> None:
        """One sample; the one ``LOOK_AHEAD`` s before is judged."""
        self._samples.append((at, ear))
        while self._samples[0][0] < at - 2 * LOOK_AHEAD - 0.1:
            self._samples.popleft()
        self._judge(at - LOOK_AHEAD)

    def _judge(self, center: float) -> None:
        at, ear = min(self._samples, key=lambda sample: abs(sample[0] - center))
        left = max((e for t, e in self._samples if t < at), default=ear)
        right = max((e for t, e in self._samples if t > at), default=ear)
        side = min(left, right)
        if side - ear < MIN_DEPTH * side or ear > min(e for t, e in self._samples if abs(t - at) < 0.15):
            return
        start, end = self._extent(at, (side + ear) / 2)
        if end - start <= MAX_DURATION and (
            not self.blinks or start - self.blinks[-1][1] >= REFRACTORY
        ):
            self.blinks.append((start, end))

    def _extent(self, at: float, level: float) -> tuple[float, float]:
        """The moments before and after ``at`` where the ratio was last above ``level``."""
        start = max((t for t, e in self._samples if t < at and e > level), default=at)
        end = min((t for t, e in self._samples if t > at and e > level), default=at)
        return start, end

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {"blinks": self.blinks, "samples": list(self._samples)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self.blinks = [(float(a), float(b)) for a, b in state["blinks"]]
        self._samples = deque((float(a), float(b)) for a, b in state["samples"])
