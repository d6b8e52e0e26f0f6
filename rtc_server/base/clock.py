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
        """See :class:`Clock`."""
        return time.monotonic()

    def now(self) -> datetime:
        """See :class:`Clock`."""
        return datetime.now(UTC)
