"""Regions of interest: the turned square around a face that the mesh model looks at."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

MARGIN = 1.5
"""Side of the region over the longer side of the face's box, as MediaPipe's graphs have it."""

OUTLINE = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    *(1, 4),
)
"""Landmarks that make a face's box: its outline, and the nose, which juts out of a profile."""

_RIGHT_CORNER, _LEFT_CORNER = 33, 263
_LARGEST = 3.0
_SMALLEST = 0.01


@dataclass(frozen=True, slots=True)
class Region:
    """A square in pixels, in shares of the image's width and height; may reach beyond it."""

    x: float
    """Centre."""
    y: float
    width: float
    height: float
    rotation: float
    """Radians, clockwise in the image."""

    @classmethod
    def around(cls, points: NDArray[np.float32], size: tuple[int, int]) -> Self:
        """The region in which to look for a face that is here now.

        ``points``: (478, 3) normalised landmarks; ``size``: width and height in pixels. As
        MediaPipe's ``FaceLandmarkLandmarksToRoi`` does it.
        """
        across, down = points[:, 0], points[:, 1]  # a reduction over axis 0 costs four times this
        left, right = float(np.min(across)), float(np.max(across))
        top, bottom = float(np.min(down)), float(np.max(down))
        width, height = size
        side = MARGIN * max((right - left) * width, (bottom - top) * height)
        dx, dy = (points[_LEFT_CORNER, :2] - points[_RIGHT_CORNER, :2]).tolist()
        return cls(
            x=(left + right) / 2,
            y=(top + bottom) / 2,
            width=side / width,
            height=side / height,
            rotation=math.atan2(dy * height, dx * width),
        )

    @property
    def plausible(self) -> bool:
        """Whether a face can be there: of some size, and with its centre in the image."""
        inside = 0.0 <= self.x <= 1.0 and 0.0 <= self.y <= 1.0
        return inside and _SMALLEST < self.height < _LARGEST and self.width < _LARGEST

    def overlaps(self, other: "Region") -> bool:
        """Whether both show the same face: the centre of one lies well inside the other."""
        reach = max(self.width, other.width) / (2 * MARGIN)
        scale = self.width / self.height
        dx, dy = self.x - other.x, (self.y - other.y) * scale
        return math.hypot(dx, dy) < reach
