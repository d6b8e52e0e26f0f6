"""The textures: one picture that holds the head, the whites of the eyes and an iris."""

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from tests.fakes.student import eyes, photo
from tests.fakes.student.head import neutral
from tests.fakes.student.photo import ENLARGED, HEAD_BOX, Array
from tests.fakes.student.raster import sample

CAMERA_GAMMA = 2.2

_IRIS_SIDE = 64
_EYES_MARGIN = 40
"""Pixels around the lids that are looked at when their skin is grown."""
_LASHES = (70, 52, 44)
_LID_SHADE = 0.08
"""How much darker than the skin around it the skin of an upper lid is."""
_GROWN_FROM = 10.0
"""How far, in photo pixels, the skin grows over the room."""
_IRISES = np.array([468, 473])


def shown(places: NDArray[np.float32], reflectance: float, openness: float) -> NDArray[np.float32]:
    """(n, 3) colours at (n, 2) atlas pixels.

    ``reflectance`` darkens the head alone; the less ``openness``, the less of the lashes that the
    photo shows over the open eyes.
    """
    colours = sample(_atlas(reflectance), places)
    closed = np.float32(1 - openness)
    if closed > 0:
        part = np.flatnonzero(_near_lids(places))
        smooth = sample(_lids_down(reflectance), places[part])
        colours[part] += closed * (smooth - colours[part])
    return colours


@lru_cache(maxsize=4)
def _atlas(reflectance: float) -> NDArray[np.float32]:
    """The head over the whites over the iris, with the lashes' colour beside it."""
    head = _darkened(_head(), reflectance)
    iris = np.zeros((_IRIS_SIDE, head.shape[1], 3))
    iris[:, :_IRIS_SIDE] = _iris()
    iris[:, _IRIS_SIDE:] = _LASHES
    return np.vstack([head, _whites(), iris]).astype(np.float32)


@lru_cache(maxsize=4)
def _lids_down(reflectance: float) -> NDArray[np.float32]:
    """The head with skin grown over lashes and eyes."""
    mask = np.ones(_head().shape[:2])
    for eye in (0, 1):
        mask *= _polygon(head_places(eyes.lid_outline(eye))) == 0
    shade = 1 - _LID_SHADE * (1 - gaussian_filter(mask, ENLARGED))[..., None]
    return _darkened(_grown_eyes(mask) * shade, reflectance).astype(np.float32)


def _darkened(head: Array, reflectance: float) -> Array:
    darker: Array = head * reflectance ** (1 / CAMERA_GAMMA)
    return darker


def _near_lids(places: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of (n, 2) atlas pixels those where eyes or their lids are."""
    near = np.zeros(len(places), bool)
    for low, high in _lid_boxes():
        near |= (places > low).all(axis=1) & (places < high).all(axis=1)
    return near


@cache
def _lid_boxes() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Upper left and lower right of what closing changes, for each eye."""
    rims = [head_places(eyes.lid_outline(eye)).astype(np.float32) for eye in (0, 1)]
    return [(rim.min(axis=0) - 2 * ENLARGED, rim.max(axis=0) + 2 * ENLARGED) for rim in rims]


def _polygon(outline: Array) -> Array:
    """(side, side) 0-1: what lies inside."""
    mask = Image.new("L", (_side(), _side()))
    ImageDraw.Draw(mask).polygon([tuple(point) for point in outline.tolist()], fill=255)
    return np.asarray(mask) / 255.0


def head_places(places: Array) -> Array:
    """Atlas pixels of (n, 2) photo pixels."""
    there: Array = (places - np.array(HEAD_BOX[:2])) * float(ENLARGED)
    return there


def white_places(places: Array) -> Array:
    """The same on the eyes' whites."""
    there: Array = head_places(places) + np.array([0.0, _side()])
    return there


def iris_places(places: Array) -> Array:
    """Atlas pixels of (n, 2) points of the iris's disc, -1 to 1."""
    there: Array = (0.48 * places + 0.5) * _IRIS_SIDE + np.array([0.0, 2.0 * _side()])
    return there


def lash_places(places: Array) -> Array:
    """Atlas pixels of lashes: one colour wherever they are."""
    return np.broadcast_to([1.5 * _IRIS_SIDE, 2 * _side() + _IRIS_SIDE / 2], places.shape)


def _side() -> int:
    return (HEAD_BOX[3] - HEAD_BOX[1]) * ENLARGED


@cache
def _head() -> Array:
    """The head, grown beyond its outline: no edge of it shows the room."""
    kept = (gaussian_filter(photo.inside(photo.head_outline()), 1) > 0.95)[..., None]
    grown = photo.grow(photo.photo().astype(float), kept.astype(float), _GROWN_FROM)
    return photo.enlarged_head(np.clip(grown, 0, 255).astype(np.uint8)).astype(float)


@cache
def _whites() -> Array:
    """The head with the eyes' whites grown over irises and lids."""
    return _grown_eyes(_white_mask())


def _grown_eyes(kept: Array) -> Array:
    """The head, where what is kept has grown over the rest, in the part around the eyes."""
    outlines = np.vstack([head_places(eyes.lid_outline(eye)) for eye in (0, 1)])
    low, high = outlines.min(axis=0) - _EYES_MARGIN, outlines.max(axis=0) + _EYES_MARGIN
    part = (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    head = _head().copy()
    head[part] = photo.grow(head[part], kept[part][..., None], 2.0 * ENLARGED)
    return head


def _white_mask() -> Array:
    """Where the photo shows nothing but white: the openings, less irises and shaded rims."""
    mask = np.zeros((_side(), _side()))
    for eye in (0, 1):
        rim = head_places(photo.tracked()[eyes.outline(eye), :2])
        mask += _polygon(rim.mean(axis=0) + 0.85 * (rim - rim.mean(axis=0)))
    rows, columns = np.mgrid[: _side(), : _side()]
    for x, y in head_places(photo.tracked()[_IRISES, :2]):
        mask[np.hypot(columns - x, rows - y) < 1.3 * _iris_radius()] = 0
    return mask


def _iris_radius() -> float:
    return eyes.IRIS_RADIUS_CM * neutral().px_per_cm * ENLARGED


def _iris() -> Array:
    """(64, 64, 3): pupil, iris and its darker rim in the photo's colours, fading into white."""
    y, x = (np.mgrid[:_IRIS_SIDE, :_IRIS_SIDE] + 0.5) / _IRIS_SIDE - 0.5
    radius = np.hypot(x, y)[..., None] / 0.48 * eyes.SOFT_EDGE
    pupil, iris, white = _colours()
    picture = pupil + (iris - pupil) * _step(radius, 0.3, 0.55)
    picture = picture * (1 - 0.35 * _step(radius, 0.75, 0.95))
    picture = picture + (white - picture) * _step(radius, 0.9, eyes.SOFT_EDGE)
    light = np.exp(-((x + 0.1) ** 2 + (y + 0.13) ** 2) / 0.003)[..., None]
    shown: Array = picture + (235 - picture) * 0.8 * light
    return shown


def _colours() -> tuple[Array, Array, Array]:
    """Pupil, iris and white of the photo's eyes."""
    head = _head()
    rows, columns = np.mgrid[: head.shape[0], : head.shape[1]]
    iris = []
    for number in _IRISES:
        x, y = head_places(photo.tracked()[number, :2])
        radius = np.hypot(columns - x, rows - y) / _iris_radius()
        iris.append(head[(radius > 0.45) & (radius < 0.8) & (rows > y)].mean(axis=0))
    white = np.percentile(head[_white_mask() > 0], 70, axis=0)
    return np.array([22.0, 17.0, 14.0]), np.mean(iris, axis=0), white


def _step(values: Array, low: float, high: float) -> Array:
    """0 below ``low``, 1 above ``high``, smooth between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    smooth: Array = share * share * (3 - 2 * share)
    return smooth
