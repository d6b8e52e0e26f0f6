"""A measured figure beside what it is to reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

RESAMPLES = 2000
SEED = 20
OTHERWISE = "otherwise: "
"""How the rows begin that are told beside the judged ones."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table; ``low`` and ``high``: 95 % by bootstrap, where there are clips."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def judged(self) -> bool:
        """Whether there is anything to reach."""
        return self.at_least is not None or self.at_most is not None

    @property
    def ok(self) -> bool:
        """Whether the value itself reaches what it is to reach."""
        reaches = self.at_least is None or self.value >= self.at_least
        return reaches and (self.at_most is None or self.value <= self.at_most)

    @property
    def to_reach(self) -> str:
        """For people."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "-" if self.at_most is None else f"<= {self.at_most:g}"

    def as_json(self) -> dict[str, object]:
        """For programs."""
        interval = None if self.low is None else [self.low, self.high]
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "to_reach": self.to_reach,
            "ok": self.ok,
            "interval": interval,
        }


def bootstrap(parts: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> tuple[float, float]:
    """95 % interval of ``statistic`` over ``parts`` (clips, sessions) drawn with replacement.

    Draws of which it is not a number are left out.
    """
    random = np.random.default_rng(SEED)
    draws = random.integers(len(parts), size=(RESAMPLES, len(parts)))
    values = np.array([statistic([parts[i] for i in draw]) for draw in draws])
    values = values[~np.isnan(values)]
    low, high = np.percentile(values, [2.5, 97.5]).tolist() if values.size else (np.nan, np.nan)
    return low, high
