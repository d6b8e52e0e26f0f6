"""What a frame of the synthetic student shows: the caller's wish, and so the exact truth."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


FACE_ON_AXIS = -4.0
"""Centimetres below the axis where the eyes are when the middle of the face is on it."""


@dataclass(frozen=True, slots=True)
class Person:
    """One more person in the picture, straight and with open eyes."""

    x_cm: float
    """To the image's right of the optical axis."""
    y_cm: float
    """Below it, of the point between the eyes."""
    distance_cm: float
    """From the camera to that point, along the optical axis."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Everything that one frame is made of. Angles in degrees, lengths in centimetres.

    Camera axes: x right in the image, y down, z away. The head's rotation is Rz(roll) Ry(yaw)
    Rx(-pitch): yaw > 0 turns the nose to the image's left, pitch > 0 up, roll > 0 clockwise.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    openness: float = 1.0
    """0: the lids meet. 1: open as in the photo, so far as the gaze lets the lids be."""
    gaze: tuple[float, float] | None = None
    """Degrees to the student's right and up, from the way to the camera along the optical axis;
    ``None``: straight ahead in the head, wherever that points."""
    x_cm: float = 0.0
    y_cm: float = FACE_ON_AXIS
    distance_cm: float = 50.0
    """Where the point between the eyes is when the head is not turned, as in :class:`Person`.

    A face off the axis by an angle is *seen* turned by it, so the middle of the face is on it."""
    others: tuple[Person, ...] = ()
    present: bool = True
    """Whether the student is there at all."""
    light: float = 1.0
    """Factor on the light of the whole scene (linear, before the camera's gamma)."""
    skin: float = 1.0
    """Factor on what face, neck and hair reflect (linear); 0.2 makes a dark skin of a pale one."""
    gamma: float = 1.0
    """A tone curve of the camera on top; above 1 lightens."""
    noise: float = 0.0
    """Standard deviation of the sensor's noise, in grey levels."""

    @property
    def rotation(self) -> Array:
        """(3, 3), head axes to camera axes."""
        return rotation(self.yaw, self.pitch, self.roll)

    @property
    def gaze_vector(self) -> Array:
        """(3,) unit vector in camera axes."""
        if self.gaze is None:
            return -self.rotation[:, 2]
        right, up = map(math.radians, self.gaze)
        flat = math.cos(up)
        return np.array([-math.sin(right) * flat, -math.sin(up), -math.cos(right) * flat])

    @property
    def faces(self) -> int:
        """How many people are in the picture."""
        return int(self.present) + len(self.others)


def rotation(yaw: float, pitch: float, roll: float) -> Array:
    """(3, 3) of angles in degrees, head axes to camera axes, as :class:`Shot` has it."""
    (sy, cy), (sp, cp), (sr, cr) = (
        (math.sin(math.radians(angle)), math.cos(math.radians(angle)))
        for angle in (yaw, -pitch, roll)
    )
    turned: Array = (
        np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    )
    return turned
