"""A face of known pose, gaze and lids as landmarks: the canonical points and two drawn eyes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtc_server.vision import canonical

SIZE = (640, 480)
FOCAL = 554.0
BRIDGE = (168, 0.0, -3.4, -5.2)
EYE_Y, EYE_Z = -2.62, -3.4
INNER, OUTER = 1.86, 4.45
BROW = 2.0


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """Degrees, shares and centimetres; see :class:`rtc_server.metrics.model.HeadPose`."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    openness: float = 1.0
    left_openness: float | None = None
    """Of the student's left eye, where it does not do what the other does."""
    gaze_x: float = 0.0
    """Iris from the middle of the eye to the image's right, cm."""
    gaze_y: float = 0.0
    """The same downwards; the lids follow."""
    distance: float = 60.0
    x: float = 0.0
    y: float = 0.0

    def landmarks(self) -> NDArray[np.float64]:
        """(478, 3) as FaceMesh would give them, weak perspective, on a picture of ``SIZE``."""
        points = np.zeros((478, 3))
        points[BRIDGE[0]] = BRIDGE[1:]
        for side, numbers in ((-1, _RIGHT), (1, _LEFT)):
            points[list(numbers)] = self._eye(side)
        points[canonical.INDEX] = canonical.POINTS
        width, height = SIZE
        scale = FOCAL / self.distance
        placed = points @ self.rotation().T * scale
        placed[:, :2] += (width / 2 + self.x * scale, height / 2 + self.y * scale)
        return placed / (width, height, width)

    def rotation(self) -> NDArray[np.float64]:
        """Head axes to camera axes: roll after yaw after pitch."""
        yaw, pitch, roll = np.radians((self.yaw, -self.pitch, self.roll))
        cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
        cr, sr = np.cos(roll), np.sin(roll)
        turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        return np.asarray(tilt @ turn @ nod)

    def _eye(self, side: int) -> NDArray[np.float64]:
        """Outer and inner corner, p2, p3, p6, p5, both lids' middles, the iris, the brow."""
        middle = side * (INNER + OUTER) / 2
        half = (OUTER - INNER) / 2
        own = side > 0 and self.left_openness is not None
        openness = (self.left_openness or 0.0) if own else self.openness
        upper = openness * 0.45 - self.gaze_y
        lower = openness * 0.35
        rows = [
            (side * OUTER, 0.0),
            (side * INNER, 0.0),
            (middle + side * half / 3, -upper),
            (middle - side * half / 3, -upper),
            (middle + side * half / 3, lower),
            (middle - side * half / 3, lower),
            (middle, -upper),
            (middle, lower),
            (middle + self.gaze_x, self.gaze_y),
            (middle - side * half / 2, -BROW),
            (middle + side * half / 2, -BROW),
        ]
        return np.array([(x, EYE_Y + y, EYE_Z) for x, y in rows])


_RIGHT = (33, 133, 160, 158, 144, 153, 159, 145, 468, 66, 105)
_LEFT = (263, 362, 387, 385, 373, 380, 386, 374, 473, 296, 334)
