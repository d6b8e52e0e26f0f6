"""When something is to be done again, on a clock that may start anew."""

import math


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
