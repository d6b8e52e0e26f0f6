"""When a worker has too much to do, and what it gives up then. Pure.

Two signs count: how long frames wait for a vision thread, and how late the event loop is. While
they stay high every session alike is sampled more slowly, one step after the other; on the lowest
step new sessions are refused as well. A step back takes a longer calm, and after a relapse a longer
one again: a load at the edge would swing otherwise.
"""

import enum
from dataclasses import dataclass


class Step(enum.IntEnum):
    """What is given up, in this order."""

    FULL = 0
    FEWER = 1
    FEWEST = 2
    REFUSING = 3


SHARES = {Step.FULL: 1.0, Step.FEWER: 0.7, Step.FEWEST: 0.5, Step.REFUSING: 0.5}
"""Of the frames a second that a session has at full rate: 10, 7 and 5."""


@dataclass(frozen=True, slots=True)
class Strain:
    """The worker over the last moment, in seconds."""

    vision_wait: float
    """Mean wait of a frame for a vision thread."""
    loop_lag: float
    """Mean delay of the event loop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where strain is too much and where it is over."""

    high: Strain = Strain(vision_wait=0.08, loop_lag=0.15)
    low: Strain = Strain(vision_wait=0.03, loop_lag=0.03)
    patience: float = 2.0
    """Seconds above ``high`` before a step down."""
    calm: float = 10.0
    """Seconds below ``low`` before a step up, at first."""
    longest_calm: float = 120.0
    relapse: float = 30.0
    """A step down so soon after one up doubles the calm that is needed."""


class Overload:
    """Says which step a worker is on."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Start at full rate."""
        self.step = Step.FULL
        self._limits = limits or Limits()
        self._calm = self._limits.calm
        self._high_since: float | None = None
        self._low_since: float | None = None
        self._eased_at: float | None = None

    @property
    def refuses(self) -> bool:
        """Whether there is no room for a further session."""
        return self.step is Step.REFUSING

    @property
    def retry_after(self) -> float:
        """Seconds after which another try makes sense."""
        return self._calm

    def see(self, at: float, strain: Strain) -> bool:
        """Take the strain at ``at`` s (monotonic); whether the step changed."""
        self._time(at, strain)
        if self._lasts(self._high_since, at, self._limits.patience) and not self.refuses:
            self._worse(at)
            return True
        if self._lasts(self._low_since, at, self._calm) and self.step is not Step.FULL:
            self._better(at)
            return True
        return False

    def _time(self, at: float, strain: Strain) -> None:
        high, low = self._limits.high, self._limits.low
        too_much = strain.vision_wait > high.vision_wait or strain.loop_lag > high.loop_lag
        over = strain.vision_wait < low.vision_wait and strain.loop_lag < low.loop_lag
        self._high_since = _since(self._high_since, at, holds=too_much)
        self._low_since = _since(self._low_since, at, holds=over)

    def _worse(self, at: float) -> None:
        if self._eased_at is not None and at - self._eased_at < self._limits.relapse:
            self._calm = min(2 * self._calm, self._limits.longest_calm)
        self.step = Step(self.step + 1)
        self._high_since = self._low_since = None

    def _better(self, at: float) -> None:
        self.step = Step(self.step - 1)
        self._eased_at = at
        self._high_since = self._low_since = None
        if self.step is Step.FULL and self._calm > self._limits.calm:
            self._calm = max(self._limits.calm, self._calm / 2)

    @staticmethod
    def _lasts(since: float | None, at: float, seconds: float) -> bool:
        return since is not None and at - since >= seconds


def _since(since: float | None, at: float, *, holds: bool) -> float | None:
    if not holds:
        return None
    return at if since is None else since
