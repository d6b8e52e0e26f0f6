"""What is normal for this person at this place: pose of the head, centre of the gaze, distance."""

from typing import Any

from rtc_server.metrics.model import HeadPose
from rtc_server.metrics.window import TimedWindow

PERIOD = 0.2
"""Seconds between the samples that are kept."""
SPREAD = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Quantiles whose mean is the centre: as robust as the median, and steadier."""


class Baseline:
    """The middle of one quantity over a window, leaning on a prior while it is young."""

    def __init__(self, window: float, prior: float, prior_weight: float) -> None:
        """Seconds; the value expected; how many seconds of samples it is worth."""
        self._window = TimedWindow(window)
        self._prior = prior
        self._prior_weight = prior_weight

    @property
    def value(self) -> float:
        """The middle of the samples, or of the prior and the few samples."""
        count = len(self._window) * PERIOD
        if not count:
            return self._prior
        middle = sum(map(self._window.quantile, SPREAD)) / len(SPREAD)
        return (middle * count + self._prior * self._prior_weight) / (count + self._prior_weight)

    def add(self, at: float, value: float) -> None:
        """One sample at ``at`` s."""
        self._window.add(at, value)

    def clear(self) -> None:
        """Back to the prior."""
        self._window.clear()

    def snapshot(self) -> list[tuple[float, float]]:
        """JSON-able state."""
        return self._window.snapshot()

    def restore(self, state: list[tuple[float, float]]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._window.restore(state)


class Neutral:
    """Baselines of one person: learnt at first and while at the screen, frozen while away.

    Across, the camera stands in the middle of the screen, so a young baseline leans on 0; how
    far above or below the face it stands is anyone's guess.
    """

    def __init__(self, window: float, seed: float) -> None:
        """Seconds of the window, and of the first samples that are taken unasked."""
        self._yaw = Baseline(window, 0.0, 1.0)
        self._pitch = Baseline(window, 0.0, 0.0)
        self._roll = Baseline(window, 0.0, 1.0)
        self._x = Baseline(window, 0.0, 1.0)
        self._y = Baseline(window, 0.0, 0.0)
        self._size = Baseline(window, 0.0, 0.0)
        self._seed = seed
        self._taught = 0.0
        self._next = 0.0

    @property
    def center(self) -> tuple[float, float]:
        """Centre of the gaze in the screen's plane: student's right and down, cm."""
        return self._x.value, self._y.value

    @property
    def size(self) -> float:
        """Usual distance between the outer corners of the eyes in pixels; 0 before the first."""
        return self._size.value

    @property
    def seeding(self) -> bool:
        """Still too young to tell who is away."""
        return self._taught < self._seed

    def relative(self, pose: HeadPose) -> HeadPose:
        """``pose`` seen from the neutral one."""
        return HeadPose(
            pose.yaw - self._yaw.value, pose.pitch - self._pitch.value, pose.roll - self._roll.value
        )

    def is_nearer_to_camera(self, pose: HeadPose) -> bool:
        """Whether ``pose`` faces the camera clearly better than the neutral one."""
        return abs(self._yaw.value) > abs(pose.yaw) + 12.0

    def teach(
        self, at: float, dt: float, pose: HeadPose, point: tuple[float, float], size: float
    ) -> None:
        """A frame of ``dt`` s at the screen: head in ``pose``, gaze on ``point``."""
        self._taught += dt
        if at < self._next:
            return
        self._next = at + PERIOD
        samples = (pose.yaw, pose.pitch, pose.roll, *point, size)
        for baseline, value in zip(self._baselines, samples, strict=True):
            baseline.add(at, value)

    def clear(self) -> None:
        """Another person, place or posture: learn anew."""
        for baseline in self._baselines:
            baseline.clear()
        self._taught = 0.0
        self._next = 0.0

    @property
    def _baselines(self) -> tuple[Baseline, ...]:
        return self._yaw, self._pitch, self._roll, self._x, self._y, self._size

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "baselines": [baseline.snapshot() for baseline in self._baselines],
            "taught": self._taught,
            "next": self._next,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        for baseline, samples in zip(self._baselines, state["baselines"], strict=True):
            baseline.restore(samples)
        self._taught = float(state["taught"])
        self._next = float(state["next"])
