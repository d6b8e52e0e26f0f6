"""Where the eyes look: from one face's measure to a direction and a point.

The model is linear in few physical terms, with weights that hold for people who turn the head
and people who turn the eyes (docs/metrics.md tells how they were found):

- across: the head's forward direction, and the iris against the middle of the eye's corners;
- up and down: iris and upper lid against the corners in the picture's plane, which holds most of
  the head's turn already (a pitch of the head from landmarks errs by more than eyes turn), a little
  of that pitch, the iris against the bridge of the nose, and the brow. Lids follow the gaze, and
  are seen where the iris is not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rtc_server.metrics.model import Direction, EyeMeasure, FaceMeasure, Vector

Point = tuple[float, float]
"""Centimetres in the screen's plane: to the student's right, and down; of the camera's place
without calibration, else of the screen's centre."""

WEIGHTS_X = (0.7, 0.8, 0.5)
"""Of the head's direction, and per cm: iris in the eye, iris in the face."""
WEIGHTS_Y = (0.4, 0.2, 0.8, 0.8, -0.3)
"""Of the head's direction, and per cm: iris below the bridge, iris and lid below the corners,
brow."""
LEVEL_Y = 0.29
"""The weighted terms per cm of distance of eyes that look straight at the camera's height."""
BROW_HEIGHT = 2.77
"""Centimetres from the eyes' corners up to the brow in people at large: the two people whose
photos were at hand (docs/metrics.md) differ by 0.04. The canonical face's 2.48 is too low."""
MIN_FACING = 0.2
"""Cosine of the turn beyond which a line of sight means nothing."""


@dataclass(frozen=True, slots=True)
class Gaze:
    """The line of sight of both eyes together, in its terms.

    Each term is in centimetres on the camera's plane, in which the screen lies: to the
    student's right, and down.
    """

    terms_x: tuple[float, ...]
    terms_y: tuple[float, ...]
    rest: Point
    """What is no matter of weights: where the eyes are, and the share of a head on one side."""
    origin: Vector
    """Between the eyes, in camera centimetres."""

    @property
    def distance(self) -> float:
        """Centimetres from the eyes to the plane."""
        return self.origin[2]

    @property
    def point(self) -> Point:
        """Where the line of sight meets the plane, without any calibration."""
        return self.weigh(WEIGHTS_X, WEIGHTS_Y)

    @property
    def held(self) -> float:
        """How far down the way the head is held moves :attr:`point`, by the distance.

        A brow's height in the head's axes tells of the head as well: the mesh draws a raised head
        with low brows.
        """
        pitch, *_, brow = self.terms_y
        return (WEIGHTS_Y[0] * pitch + WEIGHTS_Y[-1] * (brow + BROW_HEIGHT * self.distance)) / max(
            self.distance, 1.0
        )

    def weigh(self, weights_x: Sequence[float], weights_y: Sequence[float]) -> Point:
        """The same with other weights."""
        return (
            self.rest[0] + _dot(weights_x, self.terms_x),
            self.rest[1] + _dot(weights_y, self.terms_y),
        )


def look(face: FaceMeasure, *, mirrored: bool = False) -> Gaze:
    """The line of sight of one face; ``mirrored``: the student's right is the image's right."""
    (_, _, x), (_, _, y), (_, _, z) = face.rotation
    z = max(z, MIN_FACING)
    distance = face.position[2]
    roll = math.radians(face.head_pose.roll)
    cos, sin = distance * math.cos(roll), distance * math.sin(roll)
    side = 1.0 if mirrored else -1.0
    across = _mean(_sides(face.left), _sides(face.right))
    down = _mean(_heights(face.left), _heights(face.right))
    return Gaze(
        terms_x=(side * -distance * x / z, *(side * cos * each for each in across)),
        terms_y=(-distance * y / z, *(cos * each for each in down)),
        rest=(
            side * (face.position[0] - sin * _dot(WEIGHTS_Y[1:], down)),
            face.position[1] + sin * _dot(WEIGHTS_X[1:], across) - LEVEL_Y * distance,
        ),
        origin=face.position,
    )


def _sides(eye: EyeMeasure) -> tuple[float, float]:
    return eye.iris_x, eye.iris_side


def _heights(eye: EyeMeasure) -> tuple[float, float, float, float]:
    return eye.iris_drop, eye.iris_below, eye.lid_below, -eye.brow_height


def _mean(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    return tuple((left + right) / 2 for left, right in zip(a, b, strict=True))


def _dot(weights: Sequence[float], terms: Sequence[float]) -> float:
    return sum(weight * term for weight, term in zip(weights, terms, strict=True))


@dataclass(frozen=True, slots=True)
class Offset:
    """Degrees of a line of sight from the centre of the gaze, as the student sees it."""

    right: float
    down: float

    def outside(self, half_x: float, half_y: float) -> float:
        """Degrees outside a screen of so many degrees to either side."""
        return math.hypot(max(abs(self.right) - half_x, 0.0), max(abs(self.down) - half_y, 0.0))


def offset(point: Point, center: Point, distance: float) -> Offset:
    """Angles between two points of the plane seen from ``distance`` cm."""
    distance = max(distance, 1.0)
    return Offset(
        math.degrees(math.atan2(point[0] - center[0], distance)),
        math.degrees(math.atan2(point[1] - center[1], distance)),
    )


class Director:
    """Turns offsets into one of five directions, with hysteresis and dwell."""

    def __init__(self, limit_x: float, limit_y: float, hysteresis: float, dwell: float) -> None:
        """Degrees, degrees, degrees, seconds."""
        self._limit_x = limit_x
        self._limit_y = limit_y
        self._hysteresis = hysteresis
        self._dwell = dwell
        self._current: Direction | None = None
        self._candidate: Direction | None = None
        self._since = 0.0

    @property
    def current(self) -> Direction | None:
        """The direction that holds; ``None`` before the first."""
        return self._current

    def add(self, at: float, gaze: Offset) -> Direction:
        """The direction at ``at`` s."""
        seen = self._classify(gaze)
        if seen is not self._candidate:
            self._candidate, self._since = seen, at
        if self._current is None or at - self._since >= self._dwell:
            self._current = seen
        return self._current

    def _classify(self, gaze: Offset) -> Direction:
        across = self._current in {Direction.LEFT, Direction.RIGHT}
        along = self._current in {Direction.UP, Direction.DOWN}
        out_x = abs(gaze.right) - self._limit_x + (self._hysteresis if across else 0.0)
        out_y = abs(gaze.down) - self._limit_y + (self._hysteresis if along else 0.0)
        if out_x <= 0 and out_y <= 0:
            return Direction.CENTER
        if out_y <= 0 or (out_x > 0 and abs(gaze.right) >= abs(gaze.down)):
            return Direction.RIGHT if gaze.right > 0 else Direction.LEFT
        return Direction.DOWN if gaze.down > 0 else Direction.UP

    def clear(self) -> None:
        """Nothing is seen any more."""
        self._current = self._candidate = None

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {"current": self._current, "candidate": self._candidate, "since": self._since}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._current = None if state["current"] is None else Direction(state["current"])
        self._candidate = None if state["candidate"] is None else Direction(state["candidate"])
        self._since = float(state["since"])
