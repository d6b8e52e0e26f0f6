"""Landmarks to head pose, eyes and irises: pure geometry on numpy arrays.

Everything is computed in pixels first, for the landmarks' z is in units of the image's width,
and then turned into the head's own axes and centimetres by a weighted Procrustes fit of the
canonical face (Umeyama 1991). Axes everywhere: x right in the image, y down, z away.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtc_server.metrics.model import EyeMeasure, FaceMeasure, HeadPose, Vector
from rtc_server.vision import canonical

HORIZONTAL_FOV = 60.0
"""Degrees; what most webcams have, taken where nothing better is known."""

Array = NDArray[np.float64]
Landmarks = NDArray[np.float32] | NDArray[np.float64]

# Outer corner, inner corner, lid points p2, p3 over p6, p5, both lids' middles, iris, brow.
# The first eye is the student's right: on the left of an image that is not mirrored.
_RIGHT = (33, 133, 160, 158, 144, 153, 159, 145, 468, 66, 105)
_LEFT = (263, 362, 387, 385, 373, 380, 386, 374, 473, 296, 334)
_EYE = len(_RIGHT)
_BRIDGE = 168
"""Between the eyes: the nearest point that neither gaze nor lids move."""
_SEEN = np.array([*_RIGHT, *_LEFT, _BRIDGE])
USED = np.concatenate([canonical.INDEX, _SEEN])
"""The landmarks that are read here."""
_RIGID = len(canonical.INDEX)
_CENTERED = canonical.POINTS - canonical.WEIGHTS @ canonical.POINTS
_WEIGHTED = _CENTERED * canonical.WEIGHTS[:, None]
_VARIANCE = float((_WEIGHTED * _CENTERED).sum())
_ONES = np.ones(3)
_OUTER_CORNERS_CM = 8.891718
"""Between landmarks 33 and 263 of the canonical face."""


@dataclass(frozen=True, slots=True)
class RigidFit:
    """The similarity that takes the canonical face onto the landmarks."""

    rotation: Array
    """(3, 3) head axes to camera axes."""
    scale: float
    """Pixels per centimetre at the face."""
    center: Array
    """(3,) weighted centre of the rigid points, in pixels."""
    residual: float
    """Weighted root mean square of what is left, in centimetres."""

    def upright(self, points: Array, roll: float) -> Array:
        """(n, 3) pixels to (n,) centimetres down the picture turned back by ``roll`` degrees."""
        angle = math.radians(roll)
        down = math.cos(angle) * points[:, 1] - math.sin(angle) * points[:, 0]
        return np.asarray(down / self.scale)

    def to_head(self, points: Array) -> Array:
        """(n, 3) pixels to centimetres in the head's axes, from the centre of the rigid points."""
        return np.asarray((points - self.center) @ self.rotation / self.scale)


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole: its principal point and focal length in pixels."""

    x: float
    y: float
    focal: float

    def place(self, x: float, y: float, scale: float) -> Vector:
        """Camera centimetres of a pixel where a centimetre is ``scale`` pixels."""
        return (x - self.x) / scale, (y - self.y) / scale, self.focal / scale


def focal_length(width: int, horizontal_fov: float = HORIZONTAL_FOV) -> float:
    """Focal length in pixels of a camera ``width`` pixels wide that sees so many degrees."""
    return width / 2 / math.tan(math.radians(horizontal_fov) / 2)


def pixels(landmarks: Landmarks, size: tuple[int, int]) -> Array:
    """(n, 3) normalised landmarks to pixels; z has the scale of x, as MediaPipe defines it."""
    width, height = size
    return np.asarray(landmarks, dtype=np.float64) * (width, height, width)


def rigid_fit(target: Array) -> RigidFit:
    """Weighted Procrustes of the canonical face onto its (33, 3) points in pixels (Umeyama 1991).

    What is left is the points' extent less that of the fitted face. Raises ``ValueError`` where
    the points have no extent.
    """
    center = canonical.WEIGHTS @ target
    target = target - center
    covariance = target.T @ _WEIGHTED
    u, s, vt = np.linalg.svd(covariance)
    if _is_mirrored(covariance):
        u[:, 2] = -u[:, 2]
        s[2] = -s[2]
    rotation = u @ vt
    scale = float(s.sum()) / _VARIANCE
    if not scale > 0:
        raise ValueError("landmarks without extent")
    extent = float((canonical.WEIGHTS @ (target * target)) @ _ONES)
    residual = math.sqrt(max(0.0, extent / scale**2 - _VARIANCE))
    return RigidFit(rotation, scale, center, residual)


def _is_mirrored(matrix: Array) -> bool:
    """Whether the determinant of a (3, 3) matrix is negative."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return bool(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0)


def head_pose(rotation: Array) -> HeadPose:
    """Yaw, pitch and roll in degrees of a (3, 3) rotation, head axes to camera axes."""
    (xx, _, _), (yx, _, _), (zx, zy, zz) = rotation.tolist()
    return HeadPose(
        yaw=math.degrees(math.atan2(-zx, math.hypot(xx, yx))),
        pitch=math.degrees(-math.atan2(zy, zz)),
        roll=math.degrees(math.atan2(yx, xx)),
    )


def eye_aspect_ratio(eye: Array) -> float:
    """(‖p2-p6‖ + ‖p3-p5‖ + ‖m-m'‖) / 3‖p1-p4‖ of (8, 2) or more pixels in this module's order.

    Soukupová & Čech, Real-Time Eye Blink Detection using Facial Landmarks, 2016, with the lids'
    middles m and m' beside their two pairs: three tremble less than two.
    """
    outer, inner, p2, p3, p6, p5, upper, lower = eye[:8, :2].tolist()
    width = math.dist(outer, inner)
    gaps = math.dist(p2, p6) + math.dist(p3, p5) + math.dist(upper, lower)
    return gaps / (3 * width) if width > 0 else 0.0


def measure(
    landmarks: Landmarks,
    size: tuple[int, int],
    focal_px: float | None = None,
) -> FaceMeasure:
    """All that the metrics need of one face.

    ``landmarks``: (478, 3), normalised as FaceMesh gives them. ``size``: width and height in
    pixels. ``focal_px``: the camera's focal length, else 60° across the width. Raises
    ``ValueError`` where the landmarks are not finite or have no extent.
    """
    if not math.isfinite(float(landmarks.sum())):
        raise ValueError("landmarks that are not finite")
    points = pixels(landmarks[USED], size)
    fit = rigid_fit(points[:_RIGID])
    camera = Camera(size[0] / 2, size[1] / 2, focal_px or focal_length(size[0]))
    seen = points[_RIGID:]
    head = fit.to_head(seen)
    bridge = float(head[-1, 1])
    pose = head_pose(fit.rotation)
    down = fit.upright(seen, pose.roll)
    right, left = (
        _eye(seen[part], head[part], down[part], bridge, camera, fit.scale)
        for part in (slice(_EYE), slice(_EYE, 2 * _EYE))
    )
    return FaceMeasure(
        left=left,
        right=right,
        head_pose=pose,
        rotation=_rows(fit.rotation),
        position=_between(left.center, right.center),
        inter_ocular_px=fit.scale * _OUTER_CORNERS_CM,
        disagreement=fit.residual / _OUTER_CORNERS_CM,
    )


def _eye(
    image: Array, head: Array, down: Array, bridge: float, camera: Camera, scale: float
) -> EyeMeasure:
    """One eye from its points in pixels, in the head's centimetres and down the picture."""
    (x0, y0, _), (x1, y1, _), *_, iris, brow_a, brow_b = head.tolist()
    outer, inner, p2, p3, _, _, lid, _, iris_down, *_ = down.tolist()
    corners = (outer + inner) / 2
    (outer_x, outer_y, _), (inner_x, inner_y, _) = image[:2].tolist()
    return EyeMeasure(
        ear=eye_aspect_ratio(image),
        iris_x=iris[0] - (x0 + x1) / 2,
        iris_side=iris[0],
        iris_drop=iris[1] - bridge,
        iris_below=iris_down - corners,
        lid_below=(p2 + p3 + lid) / 3 - corners,
        brow_height=(y0 + y1 - brow_a[1] - brow_b[1]) / 2,
        center=camera.place((outer_x + inner_x) / 2, (outer_y + inner_y) / 2, scale),
    )


def _rows(matrix: Array) -> tuple[Vector, Vector, Vector]:
    a, b, c = matrix.tolist()
    return tuple(a), tuple(b), tuple(c)


def _between(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2
