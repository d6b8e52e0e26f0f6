"""What does not turn: the room behind her, and her body as a flat cut-out."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from tests.fakes.student import photo
from tests.fakes.student.head import neutral
from tests.fakes.student.photo import Array
from tests.fakes.student.skin import CAMERA_GAMMA

_OUT_OF_FOCUS = 1.5
"""Blur of the room in photo pixels."""
_BODY_TOP = min(y for _, y in photo.BODY) - 3
_GROWN_FROM = 25.0
"""How far, in photo pixels, the room grows over the place where she stood."""


@dataclass(frozen=True)
class CutOut:
    """The lower rows of a picture, and how much of each pixel they cover."""

    top: int
    """The first row."""
    colours: NDArray[np.float32]
    """(rows, width, 3)."""
    cover: NDArray[np.float32]
    """(rows, width, 1), 0-1."""


@cache
def room(size: tuple[int, int]) -> NDArray[np.uint8]:
    """(height, width, 3): the photo's background without her, filling the picture."""
    width, height = size
    person = np.maximum(photo.inside(photo.BODY), photo.inside(photo.head_outline()))
    kept = (gaussian_filter(person, 3) < 0.02).astype(float)[..., None]
    grown = photo.grow(photo.photo().astype(float), kept, _GROWN_FROM)
    soft = gaussian_filter(grown, (_OUT_OF_FOCUS, _OUT_OF_FOCUS, 0))
    rows = min(512, 512 * height // width)
    part = Image.fromarray(np.clip(soft[:rows], 0, 255).astype(np.uint8))
    return np.asarray(part.resize(size, Image.Resampling.BICUBIC))


@lru_cache(maxsize=8)
def body(
    place: tuple[float, float], px_per_cm: float, size: tuple[int, int], reflectance: float
) -> CutOut:
    """The cut-out with the photo's point between the eyes at ``place`` (pixels)."""
    step = neutral().px_per_cm / px_per_cm
    left, top = neutral().origin[:2] - np.array(place) * step
    width, height = size
    first = max(0, min(height - 1, int((_BODY_TOP - top) / step)))
    picture = _cut(reflectance).transform(
        (width, height - first),
        Image.Transform.AFFINE,
        (step, 0, left, 0, step, top + first * step),
        Image.Resampling.BILINEAR,
    )
    pixels = np.asarray(picture).astype(np.float32)
    return CutOut(first, pixels[..., :3], pixels[..., 3:] / np.float32(255))


@lru_cache(maxsize=4)
def _cut(reflectance: float) -> Image.Image:
    """RGBA of the photo: the body, with a neck where the head was."""
    colours = photo.photo().astype(float)
    neck = _neck(colours)
    factor = 1 + (reflectance ** (1 / CAMERA_GAMMA) - 1) * neck[..., None]
    cover = gaussian_filter(photo.inside(photo.BODY), 0.8)[..., None] * 255
    pixels = np.concatenate([colours * factor, cover], axis=2)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGBA")


def _neck(colours: Array) -> Array:
    """Draw the neck up to where the head hides it, in place; gives where there is skin."""
    left, right = photo.NECK
    jaw = photo.tracked()[[172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397], :2]
    columns = np.arange(left, right)
    first = np.interp(columns, jaw[:, 0], jaw[:, 1]).astype(int) + 4
    for column, row in zip(columns, first, strict=True):
        colours[100:row, column] = colours[row : row + 3, column].mean(axis=0)
    colours[100:195, left:right] = gaussian_filter(colours[100:195, left:right], (1, 1.5, 0))
    skin = np.zeros(colours.shape[:2])
    part = colours[100:195, left:right]
    skin[100:195, left:right] = part[..., 0] > 1.2 * part[..., 2]
    soft: Array = gaussian_filter(skin, 1)
    return soft
