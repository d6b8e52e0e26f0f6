"""Triangles to pixels in plain numpy: all triangles of about one size at a time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

_SIDES = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024)
"""Boxes that triangles are drawn in, in pixels."""


@dataclass(frozen=True)
class Cover:
    """Which pixels triangles cover, and what of their skin is seen there."""

    pixels: Index
    """(n,) flat indices into the picture, none twice."""
    places: NDArray[np.float32]
    """(n, 2) texture pixels."""


def cover(corners: Array, places: Array, size: tuple[int, int]) -> Cover:
    """Draw triangles, the first at the back.

    ``corners``: (m, 3, 2) pixels, clockwise where the front is seen; backs are left out.
    ``places``: (m, 3, 2) texture pixels. ``size``: width and height of the picture.
    """
    front = _area(corners) > 1e-6
    corners, places = corners[front], places[front]
    order = np.arange(len(corners), dtype=np.int16)
    sides = np.ceil(np.ptp(corners, axis=1).max(axis=1)) + 1
    parts = []
    lower = 0
    for side in _SIDES:
        chosen = np.flatnonzero((sides > lower) & (sides <= side))
        lower = side
        if len(chosen):
            parts.append(_draw(corners[chosen], places[chosen], order[chosen], side, size))
    if not parts:
        return Cover(np.empty(0, np.intp), np.empty((0, 2), np.float32))
    return _topmost(parts, size)


def _area(corners: Array) -> Array:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area: Array = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    return area


def _draw(
    corners: Array, places: Array, order: NDArray[np.int16], side: int, size: tuple[int, int]
) -> tuple[Index, NDArray[np.int16], NDArray[np.float32]]:
    """Pixels whose centres lie in the triangles, with the triangle's number and the place."""
    start = np.floor(corners.min(axis=1))
    grid = np.arange(side, dtype=np.float32) + np.float32(0.5)
    local = (corners - start[:, None]).astype(np.float32)
    weights = _barycentric(local, grid)
    x = start[:, 0, None, None].astype(np.intp) + np.arange(side)
    y = start[:, 1, None, None].astype(np.intp) + np.arange(side)[:, None]
    width, height = size
    hit = (weights >= -1e-4).all(axis=0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    which = np.nonzero(hit)[0]
    share = weights[:, hit]
    place = np.einsum("kn,nkc->nc", share, places[which].astype(np.float32))
    pixels = (y * width + x)[hit]
    return pixels, order[which], place


def _barycentric(corners: NDArray[np.float32], grid: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3, m, side, side) weights of the corners at the pixel centres of a grid."""
    (ax, ay), (bx, by), (cx, cy) = (corners[:, k].T[:, :, None, None] for k in range(3))
    x, y = grid[None, None, :], grid[None, :, None]
    whole = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    b = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / whole
    c = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / whole
    return np.stack([1 - b - c, b, c])


def _topmost(
    parts: list[tuple[Index, NDArray[np.int16], NDArray[np.float32]]], size: tuple[int, int]
) -> Cover:
    """Of several hits of one pixel, the one that was drawn last."""
    pixels, order, places = (np.concatenate(column) for column in zip(*parts, strict=True))
    by_order = np.argsort(order, kind="stable")
    winner = np.full(size[0] * size[1], -1, np.intp)
    winner[pixels[by_order]] = by_order
    seen = np.flatnonzero(winner >= 0)
    return Cover(seen, places[winner[seen]])


def sample(texture: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, channels) of a (height, width, channels) texture at (n, 2) x, y; bilinear."""
    height, width = texture.shape[:2]
    x = np.clip(places[:, 0] - np.float32(0.5), 0, width - 1.001)
    y = np.clip(places[:, 1] - np.float32(0.5), 0, height - 1.001)
    left, top = x.astype(np.intp), y.astype(np.intp)
    fx, fy = (x - left)[:, None], (y - top)[:, None]
    flat = texture.reshape(-1, texture.shape[2])
    at = top * width + left
    upper = flat[at] + (flat[at + 1] - flat[at]) * fx
    lower = flat[at + width] + (flat[at + width + 1] - flat[at + width]) * fx
    blended: NDArray[np.float32] = upper + (lower - upper) * fy
    return blended
