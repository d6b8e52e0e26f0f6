"""What is due when on the media clock: a stream's frames, and what is done now and then. Pure."""

import math
from collections import deque

WINDOW = 16
"""Frames over which the source's own rate is taken."""

ALREADY_PACED = 0.94
"""A source whose mean interval is at least this share of the wanted one is left alone."""


class Pace:
    """Picks at most ``max_fps`` frames a second of media time.

    A due time advances by the period, whichever frame was taken, so the rate has no error that
    adds up; the frame nearest to it is taken. A source that already runs at about the wanted rate
    passes whole: with jitter, a due time would drop frames that nothing replaces.
    """

    def __init__(self, max_fps: float) -> None:
        """``max_fps``: frames a second, above 0."""
        self._period = 1 / max_fps
        self._intervals: deque[float] = deque(maxlen=WINDOW)
        self._last: float | None = None
        self._taken = 0.0
        self._due = 0.0

    @property
    def max_fps(self) -> float:
        """Frames a second that are wanted at most."""
        return 1 / self._period

    @max_fps.setter
    def max_fps(self, value: float) -> None:
        self._period = 1 / value
        self._due = min(self._due, self._taken + self._period)

    @property
    def source_fps(self) -> float | None:
        """Frames a second that the source gave lately; ``None`` before its second frame."""
        total = sum(self._intervals)
        return len(self._intervals) / total if total > 0 else None

    def take(self, time: float) -> bool:
        """Whether the frame at ``time`` (media seconds, never falling) is to be handed on."""
        if self._last is not None:
            self._intervals.append(time - self._last)
        self._last = time
        interval = self._mean_interval()
        if interval >= ALREADY_PACED * self._period:
            self._due = time
        elif time < self._due - interval / 2:
            return False
        self._taken = time
        on_time = time - self._due < self._period
        self._due = (self._due if on_time else time) + self._period
        return True

    def _mean_interval(self) -> float:
        """A pause counts as two periods at most: it is no reason to hurry after it."""
        if not self._intervals:
            return self._period
        longest = 2 * self._period
        return sum(min(each, longest) for each in self._intervals) / len(self._intervals)


class Due:
    """A time on the media clock; it has come if it was never put, and if the clock went back."""

    def __init__(self) -> None:
        """Due at once."""
        self._put_at = math.inf
        self._due = math.inf

    def has_come(self, time: float) -> bool:
        """Whether it is time."""
        return not self._put_at <= time < self._due

    def put(self, time: float, wait: float) -> None:
        """Be due ``wait`` seconds after ``time``."""
        self._put_at, self._due = time, time + wait
