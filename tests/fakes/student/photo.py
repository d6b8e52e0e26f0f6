"""The astronaut's photo (NASA, public domain, in scikit-image), and what is where in it.

All coordinates are pixels of the 512 x 512 photo. The outlines were read off it by eye.
"""

from functools import cache
from pathlib import Path

import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

TRACKED = Path(__file__).with_name("tracked.npy")

HEAD_BOX = (120, 0, 330, 210)
"""Left, top, right, bottom of the part that the head's texture is taken from."""

ENLARGED = 4
"""The head's texture is enlarged so much, smoothly: at any distance nothing flickers."""

HAIR = np.array(
    [
        *((181, 132), (171, 122), (163, 115), (157, 104), (154, 90), (154, 72), (158, 59)),
        *((168, 46), (180, 39), (191, 34), (196, 26), (210, 20), (227, 16), (245, 17)),
        *((260, 22), (275, 31), (287, 44), (295, 59), (301, 82), (300, 97), (295, 111)),
        *((285, 122), (279, 129), (275, 136), (267, 136)),
    ],
    dtype=float,
)
"""The head's outline from her right ear lobe over the top to the left one."""

BODY = [
    *((22, 512), (20, 400), (30, 300), (50, 262), (75, 240), (105, 215), (115, 200)),
    *((112, 187), (122, 170), (140, 155), (165, 149), (187, 152), (187, 105), (256, 105)),
    *((256, 172), (275, 185), (295, 205), (305, 236), (330, 247), (345, 265), (355, 300)),
    *((362, 345), (400, 343), (440, 350), (470, 375), (490, 420), (497, 455), (512, 470)),
    (512, 512),
]
"""Suit, helmet, and a neck that reaches up to where the head covers it."""

NECK = (187, 256)
"""Left and right of the neck."""


@cache
def photo() -> Picture:
    """(512, 512, 3) RGB."""
    picture: Picture = skimage.data.astronaut()  # type: ignore[no-untyped-call] # has no types
    return picture


def enlarged_head(picture: Picture) -> Picture:
    """What a picture of the photo's size has in ``HEAD_BOX``, enlarged."""
    left, top, right, bottom = HEAD_BOX
    size = ((right - left) * ENLARGED, (bottom - top) * ENLARGED)
    part = Image.fromarray(picture).crop(HEAD_BOX)
    return np.asarray(part.resize(size, Image.Resampling.BICUBIC))


@cache
def tracked() -> Array:
    """(478, 3) landmarks that MediaPipe's own FaceMesh (0.10.21) finds, z in pixels as well.

    Kept beside this file: the engine of the service knows fewer points than a head is made of.
    """
    points: Array = np.load(TRACKED)
    return points


def head_outline() -> Array:
    """(n, 2) the whole head's outline: hair, ears and jaw."""
    jaw = [361, 397, 379, 400, 152, 176, 150, 172, 132]
    return np.vstack([HAIR, tracked()[jaw, :2]])


def inside(outline: Array | list[tuple[int, int]], blur: int = 4) -> Array:
    """(512, 512) shares 0-1 of each pixel that lie inside the outline."""
    mask = Image.new("L", (512 * blur, 512 * blur))
    ImageDraw.Draw(mask).polygon([(x * blur, y * blur) for x, y in outline], fill=255)
    return np.asarray(mask.resize((512, 512), Image.Resampling.BOX)) / 255


def grow(picture: Array, kept: Array, reach: float) -> Array:
    """Let what is ``kept`` (0-1, (h, w, 1)) spread over the rest, coarser the farther it is.

    By normalised convolution (Knutsson & Westin 1993) with Gaussians of up to ``4 * reach`` pixels.
    """
    filled, had = np.zeros_like(picture), np.zeros_like(kept)
    for sigma in (reach / 8, reach / 2, reach, 4 * reach):
        weight = gaussian_filter(kept, (sigma, sigma, 0))
        layer = gaussian_filter(picture * kept, (sigma, sigma, 0)) / np.maximum(weight, 1e-9)
        share = np.clip(weight / 0.1, 0, 1) * (1 - had)
        filled += layer * share
        had += share
    grown: Array = picture * kept + filled / np.maximum(had, 1e-9) * (1 - kept)
    return grown
