"""The only source of time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What a room asks the time of."""

    def monotonic(self) -> float:
        """Seconds that never go back; comparable within one process only."""
        ...

    def now(self) -> datetime:
        """Wall-clock time in UTC, for rows and logs."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        """The machine's monotonic clock: it stands still for nobody."""
        return time.monotonic()

    def now(self) -> datetime:
        """The machine's wall clock, in UTC."""
        return datetime.now(UTC)
