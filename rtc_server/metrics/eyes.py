"""Everything about the lids: openness, blinks, closures."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.blink import Blink, DipCounter, Onset
from rtc_server.metrics.eye_pair import EyePair
from rtc_server.metrics.model import FaceMeasure
from rtc_server.metrics.openness import Closure, Openness, aspect_ratios, both_ratios
from rtc_server.metrics.perclos import Perclos


@dataclass(frozen=True, slots=True)
class Lids:
    """What one frame tells of the lids."""

    openness: float
    blinking: bool
    closed: bool
    closed_for: float
    """Seconds without a break."""
    bottom: float | None = None
    """Lowest aspect ratio over the open one of a blink that has just been counted."""


class Eyes:
    """The lids of one person over time."""

    def __init__(self, config: MetricsConfig) -> None:
        """Thresholds and windows are the configuration's."""
        self._config = config
        self._mean = Openness(config.openness_window)
        self._wider = Openness(config.openness_window)
        self._closure = Closure(config.closed_openness)
        self._pair = EyePair()
        self._dips = DipCounter()
        self._onset = Onset()
        self._perclos = Perclos(
            config.perclos_window, config.perclos_min_closure, config.min_observed
        )

    @property
    def blinks(self) -> list[Blink]:
        """Start and end in seconds of each blink so far."""
        return self._dips.blinks

    @property
    def perclos(self) -> Perclos:
        """Closures over the last minute and the session."""
        return self._perclos

    def add(self, at: float, dt: float, face: FaceMeasure) -> Lids:
        """One frame at ``at`` s, ``dt`` s after the one before."""
        self._pair.add(at, both_ratios(face), face.head_pose.yaw)
        ratios = aspect_ratios(face, self._pair.left_out)
        openness = self._wider.add(dt, ratios.wider)
        self._mean.add(dt, ratios.mean)
        level = self._mean.open_level
        head = (face.head_pose.yaw, face.head_pose.pitch)
        self._dips.add(at, ratios.mean, level, head)
        blinking = self._onset.add(at, ratios.mean, level, self._dips.noise, head)
        bottoms = [bottom / level for bottom in self._dips.bottoms]
        for bottom in bottoms:
            self._closure.learn(bottom)
        closed = self._closure.add(ratios.wider, self._wider.open_level)
        self._perclos.add(at, dt, closed=closed)
        lowest = min(bottoms, default=None)
        return Lids(openness, blinking, closed, self._perclos.closed_for, lowest)

    def miss(self) -> None:
        """A frame without eyes to see."""
        self._perclos.interrupt()

    def finish(self) -> None:
        """No frame follows."""
        self._dips.finish(self._mean.open_level)

    def relearn(self) -> None:
        """Another person, or another place."""
        self._mean.clear()
        self._wider.clear()
        self._closure.clear()
        self._pair.clear()

    def blink_rate(self, at: float) -> float | None:
        """Blinks a minute of observed time in the window before ``at`` s."""
        observed = self._perclos.observed
        if observed < self._config.min_observed:
            return None
        since = at - self._config.perclos_window
        recent = len(self.blinks) - bisect_left(self.blinks, (since, since))
        return 60 * recent / observed

    def session_blink_rate(self) -> float | None:
        """Blinks a minute of the session's observed time."""
        observed = self._perclos.session_observed
        return 60 * len(self.blinks) / observed if observed >= self._config.min_observed else None

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "mean": self._mean.snapshot(),
            "wider": self._wider.snapshot(),
            "closure": self._closure.snapshot(),
            "pair": self._pair.snapshot(),
            "dips": self._dips.snapshot(),
            "perclos": self._perclos.snapshot(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._mean.restore(state["mean"])
        self._wider.restore(state["wider"])
        if "closure" in state:  # 0.1 learnt neither from blinks nor of one eye alone
            self._closure.restore(state["closure"])
            self._pair.restore(state["pair"])
        self._dips.restore(state["dips"])
        self._perclos.restore(state["perclos"])
