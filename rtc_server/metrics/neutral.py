"""What is normal for this person at this place: pose of the head, centre of the gaze, distance."""

import math
from dataclasses import dataclass, replace
from typing import Any

from rtc_server.metrics.gaze import Point
from rtc_server.metrics.model import FaceMeasure, HeadPose
from rtc_server.metrics.window import TimedWindow

PERIOD = 0.2
"""Seconds between the samples that are kept."""
SPREAD = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Quantiles whose mean is the centre: as robust as the median, and steadier."""
CENTER_SECONDS_X, CENTER_SECONDS_Y = 12.0, 20.0
"""What the place of the screen is worth: as often as eyes that roam 10 cm around its middle must
move until their mean is as sure as the uncalibrated gaze is (3 cm). They go from side to side once
a second or so, and down a page with every few lines."""
HELD_SECONDS = 5.0
"""Over which a head is held one way: longer than a glance takes it along, and short enough to
follow whoever leans back or slides down."""
YOUNG = 10.0
"""Seconds taught below which what was taught may have been no look at the screen."""
CLEAR_YAW = 25.0
CLEAR_PITCH = (-14.0, 35.0)
"""Degrees of a head that faces its screen, with the camera beside, above or below it: taken for
neutral unasked."""
POSSIBLE_YAW = 45.0
POSSIBLE_PITCH = (-35.0, 45.0)
"""Degrees of a head that may face its screen, or a bag, a book, a neighbour: beyond them a pose is
never taken for neutral unasked."""
PATIENCE = 6.0
"""Seconds of such a pose, with no clear one before, after which it is taken after all."""
GLANCE = 0.5
"""Seconds of clear poses that may be a head on its way elsewhere."""
NEARER = 10.0
"""Degrees by which a pose must face the camera better than the neutral one to take its place."""
HIGHER = 12.0
"""Degrees above the neutral pose: nobody looks up for long, but lids of laptops are moved."""
MOVED_VIEW = 5.0
"""Degrees by which a face must stand higher in the picture, while its head seems to look down, for
the camera to have moved: a head that looks down sinks."""
DEGREES = 8.0
"""Degrees of pitch with such a move."""
CENTER_SPREAD = 10.0
"""Centimetres: twice the bias that people's eyes have without calibration."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is expected of a baseline before anything is seen."""

    value: float = 0.0
    seconds: float = 0.0
    """How many seconds of samples it is worth."""
    spread: float = math.inf
    """Its unit's distance at which it is worth half: further off, the samples are right."""

    def worth(self, middle: float) -> float:
        """Seconds that it is worth against samples around ``middle`` (Cauchy's weight)."""
        return self.seconds / (1.0 + ((middle - self.value) / self.spread) ** 2)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame at the screen tells of what is neutral."""

    pose: HeadPose
    point: Point
    """Where the gaze goes, uncalibrated (:attr:`Gaze.point`)."""
    held: float
    """What the head's posture makes of it (:attr:`Gaze.held`)."""
    size: float
    """Pixels between the outer corners of the eyes."""
    height: float = 0.0
    """Degrees that the face stands above the middle of the picture."""

    @property
    def samples(self) -> tuple[float, ...]:
        """One for each baseline, in their order."""
        pose = self.pose
        return pose.yaw, pose.pitch, pose.roll, *self.point, self.held, self.size, self.height


class Baseline:
    """The middle of one quantity over a window, leaning on a prior while it is young."""

    def __init__(self, window: float, prior: Prior) -> None:
        """``window``: seconds."""
        self._window = TimedWindow(window)
        self._prior = prior
        self._middle: float | None = None

    @property
    def value(self) -> float:
        """The middle of the samples, or of the prior and the few samples."""
        return self.towards(self._prior)

    @property
    def known(self) -> bool:
        """Whether there is a sample."""
        return self._middle is not None

    def towards(self, prior: Prior) -> float:
        """The same with another prior."""
        middle = self._middle
        if middle is None:
            return prior.value
        seconds = len(self._window) * PERIOD
        worth = prior.worth(middle)
        return (middle * seconds + prior.value * worth) / (seconds + worth)

    def add(self, at: float, value: float) -> None:
        """One sample at ``at`` s."""
        self._window.add(at, value)
        self._settle()

    def clear(self) -> None:
        """Back to the prior."""
        self._window.clear()
        self._settle()

    def snapshot(self) -> list[tuple[float, float]]:
        """JSON-able state."""
        return self._window.snapshot()

    def restore(self, state: list[tuple[float, float]]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._window.restore(state)
        self._settle()

    def _settle(self) -> None:
        """Find the samples' middle: asked ten times a frame, and moved five times a second."""
        self._middle = None
        if len(self._window):
            self._middle = sum(map(self._window.quantile, SPREAD)) / len(SPREAD)


class Neutral:
    """Baselines of one person: learnt at first and while at the screen, frozen while away.

    Who looks away is judged from where this person mostly looks. The gaze wanders over the screen
    for long before that is the screen's middle, so the latter leans on where a screen most likely
    is: below the camera. Where the samples clearly say otherwise, they are believed at once.
    """

    def __init__(self, window: float, seed: float, middle: tuple[float, float]) -> None:
        """Seconds of the window, and of the first samples that are taken unasked.

        ``middle``: the screen's in cm from the camera, to the student's right and down.
        """
        self._yaw = Baseline(window, Prior(seconds=1.0))
        self._pitch = Baseline(window, Prior())
        self._roll = Baseline(window, Prior(seconds=1.0))
        self._x = Baseline(window, Prior(seconds=1.0))
        self._y = Baseline(window, Prior())
        self._screen_x = Prior(middle[0], CENTER_SECONDS_X, CENTER_SPREAD)
        self._screen_y = Prior(middle[1], CENTER_SECONDS_Y, CENTER_SPREAD)
        self._held = Baseline(HELD_SECONDS, Prior())
        self._size = Baseline(window, Prior())
        self._height = Baseline(window, Prior())
        self._middle = middle
        self._asked = False
        self._seed = seed
        self._taught = 0.0
        self._waited = 0.0
        self._next = 0.0

    @property
    def center(self) -> tuple[float, float]:
        """Centre of the gaze in the screen's plane: student's right and down, cm."""
        return (self._x.value, self._y.value) if self._taught else self._middle

    def screen(self, distance: float) -> tuple[float, float]:
        """Most likely middle of the screen in the same plane; told by the student if asked.

        ``distance``: cm from the eyes. Eyes make up for a head that is always held up or down,
        so its share in the gaze is no reason to expect the screen elsewhere.
        """
        if self._asked:
            return self.center
        held = self._held.value * distance
        screen_y = replace(self._screen_y, value=self._screen_y.value + held)
        return self._x.towards(self._screen_x), self._y.towards(screen_y)

    @property
    def size(self) -> float:
        """Usual distance between the outer corners of the eyes in pixels; 0 before the first."""
        return self._size.value

    @property
    def unknown(self) -> bool:
        """Hardly anything was taught yet: no more is expected of the head than to face a screen."""
        return self._taught < GLANCE and not self._asked

    def seeds(self, dt: float, pose: HeadPose) -> bool:
        """Whether a frame of ``dt`` s teaches unasked: too little is known to tell who is away.

        Who begins with a look down to a bag is away from the first moment; who is never seen
        otherwise sits like that.
        """
        if self._taught >= self._seed:
            return False
        if self._asked or is_clear(pose):
            return True
        self._waited += dt if is_possible(pose) else 0.0
        return self._waited > PATIENCE and is_possible(pose)

    def relative(self, pose: HeadPose) -> HeadPose:
        """``pose`` seen from the neutral one."""
        return HeadPose(
            pose.yaw - self._yaw.value, pose.pitch - self._pitch.value, pose.roll - self._roll.value
        )

    @property
    def patience(self) -> float:
        """Seconds that a better pose must last: the longer this one was held, the longer."""
        return min(max(self._taught / 2, 1.0), 5.0)

    def is_better(self, pose: HeadPose, height: float) -> bool:
        """Whether ``pose`` is neutral rather than what was taught.

        ``height``: as in :attr:`Seen.height`. Turned less from the camera, or higher. Lower only
        while little was taught, or where the camera has moved: people look down, for minutes.
        """
        if not self._taught or self._asked or not is_possible(pose):
            return False
        yaw, pitch = self._yaw.value, self._pitch.value
        if abs(yaw) > abs(pose.yaw) + NEARER:
            return is_clear(pose)
        if abs(pose.yaw) > abs(yaw) + NEARER:
            return False
        rose = self._height.known and height > self._height.value + MOVED_VIEW
        moved = pose.pitch < pitch - DEGREES and rose
        higher = pose.pitch > pitch + HIGHER
        lower = self._taught < YOUNG and abs(pitch) > abs(pose.pitch) + NEARER
        return moved or ((higher or lower) and is_clear(pose))

    def teach(self, at: float, dt: float, seen: Seen) -> None:
        """A frame of ``dt`` s at the screen."""
        self._taught += dt
        if at < self._next:
            return
        self._next = at + PERIOD
        for baseline, value in zip(self._baselines, seen.samples, strict=True):
            baseline.add(at, value)

    def clear(self, *, asked: bool = False) -> None:
        """Another person, place or posture: learn anew.

        ``asked``: the student shows what is neutral, which needs no prior beside it.
        """
        for baseline in self._baselines:
            baseline.clear()
        self._asked = asked
        self._taught = 0.0
        self._waited = 0.0
        self._next = 0.0

    @property
    def _baselines(self) -> tuple[Baseline, ...]:
        pose = self._yaw, self._pitch, self._roll
        return *pose, self._x, self._y, self._held, self._size, self._height

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "baselines": [baseline.snapshot() for baseline in self._baselines],
            "asked": self._asked,
            "taught": self._taught,
            "waited": self._waited,
            "next": self._next,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        # 0.1 had no height, the last of them
        for baseline, samples in zip(self._baselines, state["baselines"], strict=False):
            baseline.restore(samples)
        self._asked = bool(state["asked"])
        self._taught = float(state["taught"])
        self._waited = float(state.get("waited", 0.0))
        self._next = float(state["next"])


def height(face: FaceMeasure) -> float:
    """Degrees that a face stands above the middle of the picture."""
    _, y, z = face.position
    return -math.degrees(math.atan2(y, max(z, 1.0)))


def is_clear(pose: HeadPose) -> bool:
    """Whether a head of this pose faces its screen, wherever the camera stands."""
    return abs(pose.yaw) <= CLEAR_YAW and CLEAR_PITCH[0] <= pose.pitch <= CLEAR_PITCH[1]


def is_possible(pose: HeadPose) -> bool:
    """Whether it may."""
    return abs(pose.yaw) <= POSSIBLE_YAW and POSSIBLE_PITCH[0] <= pose.pitch <= POSSIBLE_PITCH[1]
