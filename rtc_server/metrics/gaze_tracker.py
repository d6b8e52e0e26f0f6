"""Everything about where the student looks: neutral, gaze, direction, point on the screen."""

import math
from dataclasses import dataclass
from typing import Any

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.calibration import ScreenCalibration
from rtc_server.metrics.gaze import Director, Gaze, Offset, Point, look, offset
from rtc_server.metrics.model import Direction, FaceMeasure, Vector
from rtc_server.metrics.neutral import Neutral, Seen, height

BEYOND = 0.25
"""Share of the screen's width and height by which a point may lie beside it: the error of a point
without calibration. Further off it tells no more than the side, and a head in mid-turn makes a
metre of it; who looks away is judged by the angle."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame tells of the gaze."""

    offset: Offset
    direction: Direction
    vector: Vector
    point_cm: Point
    """From the screen's centre, to the student's right and down; never far beside the screen."""
    point: tuple[float, float]
    """As shares of the screen."""


class GazeTracker:
    """The head and the gaze of one person over time."""

    def __init__(self, config: MetricsConfig) -> None:
        """Thresholds and windows are the configuration's."""
        self._config = config
        self._neutral = Neutral(
            config.neutral_window, config.neutral_seed, (0.0, self._below_camera)
        )
        self._director = Director(
            config.direction_x,
            config.direction_y,
            config.direction_hysteresis,
            config.direction_dwell,
        )
        self._calibration = ScreenCalibration()
        self._seen_at: float | None = None
        self._last: Look | None = None
        self._looked: tuple[FaceMeasure, Gaze] | None = None

    @property
    def neutral(self) -> Neutral:
        """What is normal for this person."""
        return self._neutral

    @property
    def calibration(self) -> ScreenCalibration:
        """The nine points."""
        return self._calibration

    def teach(self, at: float, dt: float, face: FaceMeasure) -> None:
        """A frame of ``dt`` s that shows what is neutral."""
        gaze = self._gaze(face)
        seen = Seen(face.head_pose, gaze.point, gaze.held, face.inter_ocular_px, height(face))
        self._neutral.teach(at, dt, seen)

    def see(self, at: float, face: FaceMeasure) -> Look:
        """A frame with open eyes."""
        gaze = self._gaze(face)
        self._calibration.add(gaze)
        seen = self._point(gaze)
        away = offset(gaze.point, self._neutral.center, gaze.distance)
        width, height = self._config.screen_cm
        point = _bounded(seen[0], width), _bounded(seen[1], height)
        self._seen_at = at
        self._last = Look(
            offset=away,
            direction=self._director.add(at, away),
            vector=self._vector(seen, gaze),
            point_cm=point,
            point=(0.5 + point[0] / width, 0.5 + point[1] / height),
        )
        return self._last

    def hold(self, at: float) -> Look | None:
        """A frame in which the iris is not seen: the last look, for a moment."""
        if self._seen_at is None or not 0 <= at - self._seen_at <= self._config.gaze_hold:
            self._last = None
            self._director.clear()
        return self._last

    def _gaze(self, face: FaceMeasure) -> Gaze:
        """Where ``face`` looks; a frame that teaches asks twice."""
        if self._looked is None or self._looked[0] is not face:
            self._looked = face, look(face, mirrored=self._config.mirrored)
        return self._looked[1]

    def _point(self, gaze: Gaze) -> Point:
        if self._calibration.ready:
            return self._calibration.apply(gaze)
        x, y = gaze.point
        center_x, center_y = self._neutral.screen(gaze.distance)
        return x - center_x, y - center_y

    def _vector(self, point: Point, gaze: Gaze) -> Vector:
        """From between the eyes to ``point``, as a unit vector in camera axes."""
        across = point[0] if self._config.mirrored else -point[0]
        x, y, z = (
            across - gaze.origin[0],
            point[1] + self._below_camera - gaze.origin[1],
            -gaze.origin[2],
        )
        norm = math.hypot(x, y, z)
        return x / norm, y / norm, z / norm

    @property
    def _below_camera(self) -> float:
        """Centimetres from the camera down to the screen's centre."""
        return self._config.camera_above_screen_cm + self._config.screen_cm[1] / 2

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state; a held look is not worth keeping."""
        return {
            "neutral": self._neutral.snapshot(),
            "director": self._director.snapshot(),
            "calibration": self._calibration.snapshot(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._neutral.restore(state["neutral"])
        self._director.restore(state["director"])
        self._calibration.restore(state["calibration"])


def _bounded(cm: float, extent: float) -> float:
    """``cm`` from the middle of a screen of that ``extent``, on it or not far beside it."""
    most = (0.5 + BEYOND) * extent
    return min(max(cm, -most), most)
