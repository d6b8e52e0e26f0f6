"""Samples of the last seconds."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable


class TimedWindow:
    """Values of the last ``span`` seconds, oldest first, with their quantiles.

    A sorted copy is kept beside them, so that a quantile costs nothing.
    """

    def __init__(self, span: float) -> None:
        """``span``: seconds."""
        self._span = span
        self._samples: deque[tuple[float, float]] = deque()
        self._sorted: list[float] = []

    def __len__(self) -> int:
        return len(self._samples)

    def add(self, at: float, value: float) -> None:
        """Take ``value`` at ``at`` s, which never decreases; forget what is too old."""
        self._samples.append((at, value))
        insort(self._sorted, value)
        while self._samples[0][0] < at - self._span:
            _, old = self._samples.popleft()
            del self._sorted[bisect_left(self._sorted, old)]

    def quantile(self, share: float) -> float:
        """The value with ``share`` 0-1 of the samples below it; ``IndexError`` if empty."""
        return self._sorted[min(int(share * len(self._sorted)), len(self._sorted) - 1)]

    @property
    def duration(self) -> float:
        """Seconds between the oldest and the newest sample."""
        return self._samples[-1][0] - self._samples[0][0] if self._samples else 0.0

    def clear(self) -> None:
        """Forget everything."""
        self._samples.clear()
        self._sorted.clear()

    def snapshot(self) -> list[tuple[float, float]]:
        """(time, value) of each sample, rounded: windows make up most of a checkpoint."""
        return [(round(at, 3), round(value, 4)) for at, value in self._samples]

    def restore(self, samples: Iterable[tuple[float, float]]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._samples = deque((float(at), float(value)) for at, value in samples)
        self._sorted = sorted(value for _, value in self._samples)
