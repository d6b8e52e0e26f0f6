"""When what was learnt of a person does not hold any more."""

from enum import Enum
from typing import Any

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.model import FaceMeasure
from rtc_server.metrics.neutral import Neutral, height

STEADY = 2.0
"""Seconds that another distance must last."""


class Change(Enum):
    """What does not hold any more."""

    PERSON = "person"
    """Nothing: somebody else may sit there, or at another distance."""
    POSE = "pose"
    """What is neutral; the eyes are the same."""


class Presence:
    """Watches for absence, another distance and a neutral pose that was learnt while away."""

    def __init__(self, config: MetricsConfig) -> None:
        """Seconds and counts are the configuration's ``reseed_`` fields."""
        self._config = config
        self._absent = 0.0
        self._moved = 0.0
        self._misfit = 0.0

    def miss(self, dt: float) -> None:
        """``dt`` s without a face."""
        self._absent += dt
        self._moved = self._misfit = 0.0

    def see(self, dt: float, face: FaceMeasure, neutral: Neutral) -> Change | None:
        """``dt`` s with a face: what must be learnt anew, if anything."""
        was_absent = self._absent > self._config.reseed_absence
        self._absent = 0.0
        size = neutral.size
        change = abs(face.inter_ocular_px / size - 1.0) if size else 0.0
        self._moved = self._moved + dt if change > self._config.reseed_size_change else 0.0
        better = neutral.is_better(face.head_pose, height(face))
        self._misfit = self._misfit + dt if better else max(0.0, self._misfit - dt)
        if was_absent or self._moved > STEADY:
            told = Change.PERSON
        elif self._misfit > neutral.patience:
            told = Change.POSE
        else:
            return None
        self._moved = self._misfit = 0.0
        return told

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {"absent": self._absent, "moved": self._moved, "misfit": self._misfit}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._absent = float(state["absent"])
        self._moved = float(state["moved"])
        self._misfit = float(state["misfit"])
