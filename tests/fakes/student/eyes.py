"""Lids that close and eyeballs that turn, in the head's own centimetres."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from tests.fakes.student import photo
from tests.fakes.student.head import Index, Surface, face, neutral
from tests.fakes.student.photo import Array

_CORNERS = np.array([(33, 133), (263, 362)])
"""Outer and inner; the student's right eye first, here and below."""
_UPPER = np.array([(246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398)])
_LOWER = np.array([(7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382)])
_CREASE = np.array([(247, 30, 29, 27, 28, 56, 190), (467, 260, 259, 257, 258, 286, 414)])
"""The row of points above the upper lid."""
_IRIS = [468, 473]
_COLUMNS = np.arange(8)
_STRIP = np.vstack(
    [
        np.column_stack([_COLUMNS, _COLUMNS + 1, _COLUMNS + 10]),
        np.column_stack([_COLUMNS, _COLUMNS + 10, _COLUMNS + 9]),
    ]
)
"""Triangles between a row of nine points and the next, clockwise for the student's right eye."""

EYE_TO_IRIS_CM = 1.05
"""From the point that an eye turns about to its pupil (Fry & Hill 1962: 13.5 mm behind the
cornea's front, less the depth of the chamber)."""
IRIS_RADIUS_CM = 0.585
"""Half of 11.7 mm, which is nearly the same in all people."""

_LOWER_RISE = 0.15
"""Share of the opening that the lower lid closes."""
_CREASE_SHARE = 0.25
"""Share of the upper lid's way that the skin above it goes."""
_FOLLOW = {"upper": 0.7, "lower": 0.35}
"""Shares of the iris's way up or down that the lids go with it."""
_FOLLOW_ALONG = np.array([0.4, 0.7, 0.9, 1.0, 0.9, 0.7, 0.4])[:, None]
_LASHES_REACH = 1.6
"""Where the photo's lashes and their shade end, in distances from the lid's edge to the crease."""
_LASHES_CM = 0.1
"""Height of the lashes' dark line on a lid that is down."""
_RIM = 24
"""Corners of the polygon that stands for an iris."""
SOFT_EDGE = 1.12
"""The painted iris ends there, in radii: its edge is as soft as the photo's."""


@dataclass(frozen=True)
class Eyeballs:
    """What lies behind the lids: whites first, then irises."""

    whites: Surface
    irises: Surface
    """``places`` of irises: -1 to 1 on the iris's own disc."""


def opening() -> Index:
    """Numbers, in ``face().triangles``, of those that fill the eyes' openings."""
    triangles = face().triangles
    between = [
        np.isin(triangles, np.concatenate([_CORNERS[eye], _UPPER[eye], _LOWER[eye]])).all(axis=1)
        for eye in (0, 1)
    ]
    return np.flatnonzero(between[0] | between[1])


def lid_outline(eye: int) -> Array:
    """(n, 2) photo pixels around opening, lashes and upper lid: what a closed eye hides."""
    outer, inner = _CORNERS[eye]
    places = face().places
    margin, crease = places[_UPPER[eye]], places[_CREASE[eye]]
    above = margin + _LASHES_REACH * (crease - margin)
    rim = np.vstack([places[outer], above, places[inner], places[_LOWER[eye][::-1]]])
    widened: Array = rim.mean(axis=0) + 1.15 * (rim - rim.mean(axis=0))
    return widened


def outline(eye: int) -> Index:
    """The opening's rim, 16 landmarks in order."""
    outer, inner = _CORNERS[eye]
    return np.array([outer, *_UPPER[eye], inner, *_LOWER[eye][::-1]])


@dataclass(frozen=True)
class Lids:
    """Where the lids are, and the line of lashes on the edge of the upper ones."""

    face: Array
    """(468, 3) the face's vertices."""
    lashes: Surface


def lids(openness: float, look: Array) -> Lids:
    """Both eyes' lids where ``openness`` (0-1) and the gaze put them.

    ``look``: (3,) the gaze in head axes. The lids first go with the iris, up and down; then they
    close towards each other.
    """
    moved = face().vertices.copy()
    drop = EYE_TO_IRIS_CM * (look[1] - straight_look()[1])
    down = np.array([0.0, drop, 0.0]) * _FOLLOW_ALONG
    for eye in (0, 1):
        start = moved[_UPPER[eye]]
        upper = start + _FOLLOW["upper"] * down
        lower = moved[_LOWER[eye]] + _FOLLOW["lower"] * down
        meet = lower + _LOWER_RISE * (upper - lower)
        moved[_UPPER[eye]] = meet + openness * (upper - meet)
        moved[_LOWER[eye]] = meet + openness * (lower - meet)
        moved[_CREASE[eye]] += _CREASE_SHARE * (moved[_UPPER[eye]] - start)
    return Lids(moved, _lashes(moved, (1 - openness) * _LASHES_CM))


def _lashes(moved: Array, height: float) -> Surface:
    """A strip above the edge of each upper lid, with the skin of that edge."""
    vertices, places = [], []
    for outer_inner, upper in zip(_CORNERS, _UPPER, strict=True):
        edge = np.array([outer_inner[0], *upper, outer_inner[1]])
        above = moved[edge]
        above[1:-1, 1] -= height
        vertices += [above, moved[edge]]
        places += [face().places[edge]] * 2
    return Surface(
        np.vstack(vertices), np.vstack(places), np.vstack([_STRIP, 18 + _STRIP[:, ::-1]])
    )


@cache
def straight_look() -> Array:
    """(3,) the photo's own gaze in head axes: she looks into the camera."""
    look: Array = np.array([0.0, 0.0, -1.0]) @ neutral().rotation
    return look


@cache
def _centers() -> Array:
    """(2, 3) what the eyes turn about, from where the photo's irises are."""
    irises = neutral().to_head(photo.tracked()[_IRIS])
    centers: Array = irises - EYE_TO_IRIS_CM * straight_look()
    return centers


def eyeballs(look: Array) -> Eyeballs:
    """Both eyes, turned to look along the unit vector ``look`` (head axes)."""
    return Eyeballs(_whites(), _irises(look))


@cache
def _whites() -> Surface:
    vertices: list[Array] = []
    places: list[Array] = []
    triangles: list[Index] = []
    for eye in (0, 1):
        rim = outline(eye)
        first = 17 * eye
        for source, kept in ((face().vertices, vertices), (face().places, places)):
            middle = source[rim].mean(axis=0)
            kept.append(np.vstack([middle, middle + 1.3 * (source[rim] - middle)]))
        around = first + 1 + np.arange(16)
        fan = np.column_stack([np.full(16, first), around, np.roll(around, -1)])
        triangles.append(fan if eye == 0 else fan[:, ::-1])
    return Surface(np.vstack(vertices), np.vstack(places), np.vstack(triangles))


def _irises(look: Array) -> Surface:
    angles = np.arange(_RIM) * 2 * math.pi / _RIM
    disc = np.vstack([[0.0, 0.0], np.column_stack([np.cos(angles), np.sin(angles)])])
    right = np.cross([0.0, 1.0, 0.0], -look)
    right /= np.linalg.norm(right)
    axes = IRIS_RADIUS_CM * SOFT_EDGE * np.stack([right, np.cross(-look, right)])
    vertices = [center + EYE_TO_IRIS_CM * look + disc @ axes for center in _centers()]
    around = 1 + np.arange(_RIM)
    fan = np.column_stack([np.zeros(_RIM, np.intp), around, np.roll(around, -1)])
    return Surface(np.vstack(vertices), np.vstack([disc, disc]), np.vstack([fan, fan + _RIM + 1]))
