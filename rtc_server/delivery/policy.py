"""What to do after an attempt, as a value. Pure: no I/O, no clock; chance is handed in."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from rtc_server.delivery.outcome import (
    Accepted,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Unanswered,
)

HOUR = 3600.0
_ABOUT_THE_RECORD = frozenset({400, 413, 422})
"""The endpoint has read the record and finds it wrong: it will do so again."""
_PASSING = frozenset({408, 429, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class Delivered:
    """Done."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again in ``delay`` seconds."""

    delay: float
    error: str
    refused: bool = False
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Bury:
    """Give up."""

    error: str


@dataclass(frozen=True, slots=True)
class Hold:
    """It may have been applied and would be doubled: a person decides."""

    error: str


Decision = Delivered | Retry | Bury | Hold


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a record stands when one attempt is over. Times in seconds."""

    number: int
    """1 for the first."""
    age: float
    """Since trying began."""
    refused_for: float = 0.0
    """Since the endpoint first answered that it does not take it."""
    unanswered: bool = False
    """An earlier attempt may have been applied."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter, within patience.

    Full jitter: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015;
    here from ``first_delay`` upwards, not from 0.
    """

    first_delay: float = 1.0
    longest_delay: float = 900.0
    patience: float = 72 * HOUR
    refusal_patience: float = 24 * HOUR
    """For an endpoint that answers, but refuses: a deployment that is wrong for an hour is mended,
    time alone seldom changes its mind."""
    few: int = 8
    """Attempts before which nothing is given up for its age: clocks leap."""
    longest_wait: float = 24 * HOUR
    """A ``Retry-After`` beyond this is not believed."""
    chance: Callable[[], float] = random.random
    """Uniform in [0, 1)."""

    def before(self, attempt: Attempt, *, repeatable: bool | None) -> Retry | Hold | None:
        """Decide what speaks against sending at all: None when nothing does.

        ``repeatable``: whether sending twice is harmless; None where it cannot be told now.
        """
        if not attempt.unanswered or repeatable:
            return None
        error = "sent before, never answered"
        if repeatable is False or attempt.age > self.patience:
            return Hold(error)
        return Retry(self.delay(attempt.number), error, unanswered=True)

    def after(self, outcome: Outcome, attempt: Attempt) -> Decision:
        """Decide what follows from ``outcome``."""
        match outcome:
            case Accepted():
                return Delivered()
            case Refused(error):
                return self._refused(error, attempt)
            case Rejected(status, error, retry_after):
                return self._rejected(status, error, retry_after, attempt)
            case NotSent(error):
                return self._retry(error, attempt)
            case Unanswered(error):
                return self._unanswered(error, attempt)

    def delay(self, number: int) -> float:
        """Seconds to wait after attempt ``number``."""
        doublings = min(number, 64)  # far beyond the longest delay, and no overflow
        ceiling = min(self.longest_delay, self.first_delay * 2.0**doublings)
        return self.first_delay + (ceiling - self.first_delay) * self.chance()

    def _refused(self, error: str, attempt: Attempt) -> Decision:
        if attempt.refused_for > self.refusal_patience and attempt.number > self.few:
            return Hold(error) if attempt.unanswered else Bury(error)
        return self._retry(error, attempt, refused=True)

    def _rejected(
        self, status: int, error: str, retry_after: float | None, attempt: Attempt
    ) -> Decision:
        if status in _ABOUT_THE_RECORD:
            return Bury(error)
        if status not in _PASSING:
            return self._refused(error, attempt)
        asked = min(retry_after or 0.0, self.longest_wait)
        return self._retry(error, attempt, at_least=asked)

    def _unanswered(self, error: str, attempt: Attempt) -> Decision:
        if attempt.age > self.patience:
            return Hold(error)
        return Retry(self.delay(attempt.number), error, unanswered=True)

    def _retry(
        self, error: str, attempt: Attempt, *, at_least: float = 0.0, refused: bool = False
    ) -> Decision:
        if attempt.age > self.patience and attempt.number > self.few:
            return Hold(error) if attempt.unanswered else Bury(error)
        delay = self.delay(attempt.number)
        return Retry(max(delay, at_least + delay * (at_least > 0)), error, refused=refused)
