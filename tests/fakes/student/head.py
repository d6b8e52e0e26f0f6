"""The astronaut's head in three dimensions: the tracked face, and a plain shell of hair behind it.

Where the head's zero is must not come from what is tested with it (a fit of MediaPipe's canonical
face). It is taken from the mesh's own symmetry: x runs along the mean line between 25 pairs of
points left and right, so yaw and roll are zero where the face is symmetrical to the camera. Pitch
has no such natural zero: here it is where forehead (10) and chin (152) are equally far away. In
the photo itself that makes yaw 1°, pitch -11° and roll 3°. The photo is taken as a parallel
projection (it was made from afar); MediaPipe's depths are taken as they are.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from tests.fakes.student import photo
from tests.fakes.student.photo import Array

Index = NDArray[np.intp]

OUTER_CORNERS_CM = 8.9
"""Between the outer corners of the eyes; every other length follows from the photo."""

PIVOT = np.array([0.0, 2.0, 8.0])
"""What the head turns about, from the point between the eyes: behind it, between the ears."""

_PAIRS = np.array(
    [
        *((33, 263), (133, 362), (61, 291), (234, 454), (127, 356), (172, 397), (58, 288)),
        *((132, 361), (93, 323), (54, 284), (103, 332), (67, 297), (105, 334), (107, 336)),
        *((70, 300), (50, 280), (205, 425), (129, 358), (98, 327), (48, 278), (136, 365)),
        *((149, 378), (117, 346), (143, 372), (147, 376)),
    ]
)
_FOREHEAD, _CHIN = 10, 152
_OUTER_CORNERS = [33, 263]

OVAL = np.array(
    [
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
        *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    ]
)
"""The mesh's rim, clockwise in the image from the top."""

_TEMPLE_DEPTH = 8.0
"""Centimetres behind the eyes where the head is widest."""
_BACK_DEPTH = 10.0
"""So far behind that it ends."""


@dataclass(frozen=True)
class Neutral:
    """The photo's coordinates and the neutral head's: parallel projection, turned and scaled."""

    rotation: Array
    """(3, 3), the photo's pose: head axes to camera axes."""
    origin: Array
    """(3,) pixels: between the outer corners of the eyes."""
    px_per_cm: float

    def to_head(self, points: Array) -> Array:
        """(n, 3) photo pixels to centimetres from the point between the eyes."""
        turned: Array = (points - self.origin) @ self.rotation / self.px_per_cm
        return turned

    def to_photo(self, points: Array) -> Array:
        """The way back."""
        back: Array = points @ self.rotation.T * self.px_per_cm + self.origin
        return back


@dataclass(frozen=True)
class Surface:
    """Triangles in space and where their skin is in the photo."""

    vertices: Array
    """(n, 3) centimetres from the point between the eyes, neutral pose."""
    places: Array
    """(n, 2) photo pixels."""
    triangles: Index
    """(m, 3), all turning the same way where they face the camera."""


@cache
def neutral() -> Neutral:
    """How the head stands in the photo."""
    points = photo.tracked()
    across = points[_PAIRS[:, 1]] - points[_PAIRS[:, 0]]
    x = np.linalg.eigh(across.T @ across)[1][:, -1]
    x *= np.sign(x[0])
    y = points[_CHIN] - points[_FOREHEAD]
    y -= x * (x @ y)
    y /= np.linalg.norm(y)
    right, left = points[_OUTER_CORNERS]
    px_per_cm = float(np.linalg.norm(left - right)) / OUTER_CORNERS_CM
    return Neutral(np.stack([x, y, np.cross(x, y)], axis=1), (right + left) / 2, px_per_cm)


@cache
def face() -> Surface:
    """The 468 tracked points, joined by what is near in the frontal plane."""
    points = photo.tracked()[:468]
    vertices = neutral().to_head(points)
    return Surface(vertices, points[:, :2], _clockwise(vertices, _delaunay(vertices)))


@cache
def shell() -> Surface:
    """Hair, ears and the back of the head, from the face's rim on, in rings."""
    rim = face().vertices[OVAL]
    edge, edge_places = _outline(rim)
    rim_places = face().places[OVAL]
    vertices, places = [], []
    for angle in np.radians([0, 20, 45, 70, 90]):
        out, back = np.sin(angle), 1 - np.cos(angle)
        depth = rim[:, 2] + (edge[:, 2] - rim[:, 2]) * back
        vertices.append(np.column_stack([(rim + (edge - rim) * out)[:, :2], depth]))
        places.append(rim_places + (edge_places - rim_places) * out)
    middle = edge.mean(axis=0)
    for angle in np.radians([15, 35, 60, 85]):
        ring = middle + (edge - middle) * np.cos(angle)
        ring[:, 2] = edge[:, 2] + _BACK_DEPTH * np.sin(angle)
        vertices.append(ring)
        places.append(edge_places + (rim_places - edge_places) * 0.7 * np.sin(angle))
    count = len(OVAL)
    return Surface(np.vstack(vertices), np.vstack(places), _bands(len(vertices), count))


def _outline(rim: Array) -> tuple[Array, Array]:
    """Where the head is widest, one point for each of the rim: (36, 3) head, (36, 2) photo.

    Above the ear lobes that is the outline of the hair; below, the jaw, drawn in a little.
    """
    places = face().places[OVAL]
    middle = places.mean(axis=0)
    edge = places + 0.02 * (middle - places)
    lobes = max(photo.HAIR[0, 1], photo.HAIR[-1, 1])
    for index in np.flatnonzero(places[:, 1] < lobes):
        edge[index] = _ray(middle, places[index], photo.HAIR)
    flat = np.column_stack([edge, np.full(len(edge), neutral().origin[2])])
    head = neutral().to_head(flat)
    head[:, 2] = np.where(places[:, 1] < lobes, _TEMPLE_DEPTH, rim[:, 2] + 4.0)
    return head, edge


def _ray(start: Array, through: Array, outline: Array) -> Array:
    """Where the ray from ``start`` through a point leaves the outline; the point if it doesn't."""
    way = through - start
    for a, b in pairwise(outline):
        side = b - a
        cross = way[0] * side[1] - way[1] * side[0]
        along = ((a - start)[0] * side[1] - (a - start)[1] * side[0]) / cross
        share = ((a - start)[0] * way[1] - (a - start)[1] * way[0]) / cross
        if along > 1 and 0 <= share <= 1:
            left: Array = start + along * way
            return left
    return through


def _bands(rings: int, count: int) -> Index:
    """Two triangles between each two neighbours on each two neighbouring rings."""
    index = np.arange(count)
    following = np.roll(index, -1)
    triangles = []
    for ring in range(rings - 1):
        here, there = ring * count, (ring + 1) * count
        triangles.append(np.column_stack([here + index, there + index, there + following]))
        triangles.append(np.column_stack([here + index, there + following, here + following]))
    return np.vstack(triangles)


def _delaunay(vertices: Array) -> Index:
    triangles: Index = Delaunay(vertices[:, :2]).simplices
    return triangles


def _clockwise(vertices: Array, triangles: Index) -> Index:
    """All triangles turned clockwise as seen in the image."""
    a, b, c = (vertices[triangles[:, k], :2] for k in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    return np.where((area < 0)[:, None], triangles[:, ::-1], triangles)
