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

# Outer corner, inner corner, lid points p2, p3 over p6, p5, the upper lid's middle, iris.
# The first eye is the student's right: on the left of an image that is not mirrored.
_RIGHT = (33, 133, 160, 158, 144, 153, 159, 468)
_LEFT = (263, 362, 387, 385, 373, 380, 386, 473)
_BRIDGE = 168
"""Between the eyes: the nearest point that neither gaze nor lids move."""
_EYES = np.array([_RIGHT, _LEFT])
_CENTERED = canonical.POINTS - canonical.WEIGHTS @ canonical.POINTS
_WEIGHTED = _CENTERED * canonical.WEIGHTS[:, None]
_VARIANCE = float((_WEIGHTED * _CENTERED).sum())
_OUTER_CORNERS_CM = 8.891718
"""Between landmarks 33 and 263 of the canonical face."""


@dataclass(frozen=True, slots=True)
class RigidFit:
    """The similarity that takes the canonical face onto the landmarks."""

    rotation: Array
    """(3, 3) head axes to camera axes."""
    scale: float
    """Pixels per centimetre at the face."""
    residual: float
    """Weighted root mean square of what is left, in centimetres."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole: its principal point and focal length in pixels."""

    x: float
    y: float
    focal: float

    def place(self, point: Array, scale: float) -> Vector:
        """Camera centimetres of a (3,) pixel point where a centimetre is ``scale`` pixels."""
        return (
            (float(point[0]) - self.x) / scale,
            (float(point[1]) - self.y) / scale,
            self.focal / scale,
        )


def focal_length(width: int, horizontal_fov: float = HORIZONTAL_FOV) -> float:
    """Focal length in pixels of a camera ``width`` pixels wide that sees so many degrees."""
    return width / 2 / math.tan(math.radians(horizontal_fov) / 2)


def pixels(landmarks: Landmarks, size: tuple[int, int]) -> Array:
    """(n, 3) normalised landmarks to pixels; z has the scale of x, as MediaPipe defines it."""
    width, height = size
    return np.asarray(landmarks, dtype=np.float64) * (width, height, width)


def rigid_fit(points: Array) -> RigidFit:
    """Weighted Procrustes of the canonical face onto (478, 3) pixels (Umeyama 1991)."""
    target = points[canonical.INDEX]
    target = target - canonical.WEIGHTS @ target
    u, s, vt = np.linalg.svd(target.T @ _WEIGHTED)
    if np.linalg.det(u) * np.linalg.det(vt) < 0:
        u[:, 2] = -u[:, 2]
        s[2] = -s[2]
    rotation = u @ vt
    scale = float(s.sum()) / _VARIANCE
    rest = target - scale * (_CENTERED @ rotation.T)
    residual = math.sqrt(float(canonical.WEIGHTS @ (rest * rest).sum(axis=1))) / scale
    return RigidFit(rotation, scale, residual)


def head_pose(rotation: Array) -> HeadPose:
    """Yaw, pitch and roll in degrees of a (3, 3) rotation, head axes to camera axes."""
    r = rotation
    return HeadPose(
        yaw=math.degrees(math.atan2(-r[2, 0], math.hypot(r[0, 0], r[1, 0]))),
        pitch=math.degrees(-math.atan2(r[2, 1], r[2, 2])),
        roll=math.degrees(math.atan2(r[1, 0], r[0, 0])),
    )


def eye_aspect_ratio(eye: Array) -> float:
    """(‖p2-p6‖ + ‖p3-p5‖) / 2‖p1-p4‖ of (8, 2) pixels in this module's order.

    Soukupová & Čech, Real-Time Eye Blink Detection using Facial Landmarks, 2016.
    """
    outer, inner, p2, p3, p6, p5 = eye[:6]
    width = math.dist(outer, inner)
    return (math.dist(p2, p6) + math.dist(p3, p5)) / (2 * width) if width > 0 else 0.0


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
    points = pixels(landmarks, size)
    fit = rigid_fit(points) if np.isfinite(points).all() else None
    if fit is None or not fit.scale > 0:
        raise ValueError("landmarks must be finite and spread out")
    camera = Camera(size[0] / 2, size[1] / 2, focal_px or focal_length(size[0]))
    right, left = (_eye(points[index], points[_BRIDGE], fit, camera) for index in _EYES)
    return FaceMeasure(
        left=left,
        right=right,
        head_pose=head_pose(fit.rotation),
        rotation=_rows(fit.rotation),
        position=_between(left.center, right.center),
        inter_ocular_px=fit.scale * _OUTER_CORNERS_CM,
        disagreement=fit.residual / _OUTER_CORNERS_CM,
    )


def _eye(eye: Array, bridge: Array, fit: RigidFit, camera: Camera) -> EyeMeasure:
    """One eye from its (8, 3) pixels and the nose's bridge."""
    middle = (eye[0] + eye[1]) / 2
    lids, lid, iris, drop = (
        (
            np.stack([eye[[2, 3, 6]].mean(axis=0), eye[6], eye[7], bridge])
            - middle  # rows of (4, 3), turned into the head's axes at once
        )
        @ fit.rotation
        / fit.scale
    )
    return EyeMeasure(
        ear=eye_aspect_ratio(eye[:, :2]),
        iris_x=float(iris[0]),
        iris_drop=float(iris[1] - drop[1]),
        lid_drop=float(lid[1] - drop[1]),
        lid_height=-float(lids[1]),
        center=camera.place(middle, fit.scale),
    )


def _rows(matrix: Array) -> tuple[Vector, Vector, Vector]:
    a, b, c = matrix.tolist()
    return tuple(a), tuple(b), tuple(c)


def _between(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2
