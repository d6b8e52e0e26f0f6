"""A clock that moves when it is told to."""

from datetime import UTC, datetime, timedelta


class HandClock:
    def __init__(self, start: float = 100.0) -> None:
        self.seconds = start

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)
