"""Spares a host that does not answer: pure, the time is handed in."""

from rtc_server.delivery.outcome import NotSent, Outcome, Rejected, Unanswered

_SERVER_ERRORS = range(500, 600)


class Breaker:
    """Opens after failures in a row, then lets single attempts through.

    Only what says that the host is unwell counts: an endpoint that answers and refuses
    the record is well. Times are monotonic seconds.
    """

    def __init__(self, threshold: int = 5, first: float = 2.0, longest: float = 60.0) -> None:
        """Open after ``threshold`` failures, for ``first`` seconds, doubling to ``longest``."""
        self._threshold = threshold
        self._first = first
        self._longest = longest
        self._failures = 0
        self._opens_at = 0.0

    @property
    def trying(self) -> bool:
        """Whether the host was unwell the last time: one attempt at a time."""
        return self._failures >= self._threshold

    def wait(self, now: float) -> float:
        """Seconds until the next attempt is allowed; 0 when it is now."""
        return max(0.0, self._opens_at - now) if self.trying else 0.0

    def record(self, outcome: Outcome, now: float) -> None:
        """Take in how an attempt ended."""
        if not _unwell(outcome):
            self._failures = 0
            return
        self._failures += 1
        if self.trying:
            doublings = min(self._failures - self._threshold, 64)
            self._opens_at = now + min(self._longest, self._first * 2.0**doublings)


def _unwell(outcome: Outcome) -> bool:
    match outcome:
        case NotSent() | Unanswered():
            return True
        case Rejected(status):
            return status in _SERVER_ERRORS
        case _:
            return False
