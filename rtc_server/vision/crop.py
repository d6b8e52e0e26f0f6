"""What the mesh model is shown: a turned square of a picture, sampled from its planes.

No picture in RGB is made on the way. Runs in the vision threads.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtc_server.media.frames import Picture, Plane
from rtc_server.vision.region import Region

SIDE = 192
"""Pixels of the square; MediaPipe's mesh was trained on this many."""
CELLS = SIDE // 2
"""Squares of two by two pixels, along one side, that share a tint."""

Floats = NDArray[np.float32]
Row = tuple[float, float, float]
"""Of an affine matrix: by column and by row of the crop, and where its first pixel lies."""

_GREY = 128
_LUMA_CODES, _CHROMA_CODES = 219, 224
"""Of limited range, from black to white and from end to end; 255 of full range."""
_BLACK = 16

_PIXEL_COLUMNS, _PIXEL_ROWS = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
_MIDDLE = np.array([0.5])
"""Of a cell, in pixels from its first one."""


def _to_rgb(of_red: float, of_blue: float) -> NDArray[np.float64]:
    """Luma, blue and red over it, to red, green and blue (ITU-R BT.601 and BT.709)."""
    of_green = 1 - of_red - of_blue
    red, blue = 2 * (1 - of_red), 2 * (1 - of_blue)
    return np.array(
        [[1, 0, red], [1, -blue * of_blue / of_green, -red * of_red / of_green], [1, blue, 0]]
    )


BT601 = _to_rgb(0.299, 0.114)
"""What the model makes colours by."""
_FROM_BT709 = (np.linalg.inv(BT601) @ _to_rgb(0.2126, 0.0722)).astype(np.float32)


class Crop:
    """Arrays that are filled anew for every face: one for each thread."""

    def __init__(self) -> None:
        """Nothing was sampled yet."""
        self._pixels = _Places(_PIXEL_COLUMNS, _PIXEL_ROWS)
        self._cells = _Places(_MIDDLE, _MIDDLE)
        self._sampler = _Sampler(self._pixels)
        self._codes = np.empty((CELLS, CELLS), np.uint8)
        self.luma: Floats = self._sampler.values.reshape(1, CELLS, CELLS, 4)
        """Brightness of the four pixels of each cell: black 0, white 1."""
        self.chroma: Floats = np.zeros((1, CELLS, CELLS, 2), np.float32)
        """Blue and red over the luma of each cell, -0.5 to 0.5."""

    def take(self, picture: Picture, region: Region) -> None:
        """Sample ``region`` of ``picture``; beyond the picture's edge its edge goes on.

        The luma between pixels, as MediaPipe's ``ImageToTensorCalculator`` does it; of the
        chroma, which has one sample for a cell of the picture anyway, the nearest.
        """
        x, y = _affine(region, picture.width, picture.height)
        luma, *chroma = picture.planes
        black, codes = (0, 255) if picture.full_range else (_BLACK, _LUMA_CODES)
        self._pixels.put(x, y, luma)
        values = self._sampler.sample(luma)
        values -= np.float32(black)
        values *= np.float32(1 / codes)
        if chroma:
            self._colour(picture, chroma, x, y)
        else:
            self.chroma.fill(0)

    def _colour(self, picture: Picture, planes: Sequence[Plane], x: Row, y: Row) -> None:
        columns, rows = picture.subsampled
        self._cells.put(_coarser(x, columns), _coarser(y, rows), planes[0])
        index = self._cells.nearest(planes[0])
        chroma = self.chroma[0]
        for number, plane in enumerate(planes):
            plane.codes.take(index, mode="clip", out=self._codes)
            chroma[..., number] = self._codes
        chroma -= np.float32(_GREY)
        chroma *= np.float32(1 / (255 if picture.full_range else _CHROMA_CODES))
        if picture.bt709:
            self.luma[0] += (chroma @ _FROM_BT709[0, 1:])[..., None]
            chroma[...] = chroma @ _FROM_BT709[1:, 1:].T


class _Places:
    """Where the crop's cells lie in a plane, some places in each."""

    def __init__(self, columns: NDArray[Any], rows: NDArray[Any]) -> None:
        """``columns``, ``rows``: the places in a cell, in pixels of the crop from its first."""
        self.shape = CELLS, CELLS * len(columns)
        self._columns = (2 * np.arange(CELLS)[:, None] + columns).reshape(-1).astype(np.float32)
        self._rows = np.tile(rows, CELLS).astype(np.float32)
        self._cells = 2 * np.arange(CELLS, dtype=np.float32)[:, None]
        self.x, self.y, self._low, self._flat = (np.empty(self.shape, np.float32) for _ in range(4))
        self._index = np.empty(self.shape, np.intp)

    def put(self, x: Row, y: Row, plane: Plane) -> None:
        """Place them all, those that are beyond the edge on it."""
        for places, row, size in ((self.x, x, plane.width), (self.y, y, plane.height)):
            step_i, step_j, start = row
            along = self._columns * np.float32(step_i)
            along += self._rows * np.float32(step_j)
            along += np.float32(start)
            np.add(along, self._cells * np.float32(step_j), out=places)
            if not _inside(row, size):
                np.maximum(places, np.float32(0), out=places)
                np.minimum(places, np.float32(size - 1), out=places)

    def nearest(self, plane: Plane) -> NDArray[np.intp]:
        """The number in the plane's memory of the sample next to each place."""
        for places in (self.x, self.y):
            np.rint(places, out=places)
        return self._numbered(self.x, self.y, plane)

    def upper_left(self, plane: Plane) -> NDArray[np.intp]:
        """That of the sample above and left of it; in ``x`` and ``y`` the ways from there stay."""
        self._split(self.y, plane.height)
        np.copyto(self._flat, self._low)
        self._split(self.x, plane.width)
        return self._numbered(self._low, self._flat, plane)

    def _split(self, places: Floats, size: int) -> None:
        """Whole samples into ``_low``, and what is left; the last one has a next one too."""
        np.minimum(places, np.float32(max(size - 1.5, 0)), out=self._low)
        np.floor(self._low, out=self._low)
        places -= self._low

    def _numbered(self, x: Floats, y: Floats, plane: Plane) -> NDArray[np.intp]:
        np.multiply(y, np.float32(plane.stride), out=self._flat)
        self._flat += x
        self._index[...] = self._flat
        return self._index


class _Sampler:
    """Reads a plane between its samples."""

    def __init__(self, places: _Places) -> None:
        """``places``: where, put before each reading."""
        self._places = places
        self._codes = np.empty(places.shape, np.uint8)
        self._others = [np.empty(places.shape, np.float32) for _ in range(3)]
        self.values: Floats = np.zeros(places.shape, np.float32)
        """What was read last, as codes."""

    def sample(self, plane: Plane) -> Floats:
        """Fill and give ``values``."""
        index = self._places.upper_left(plane)
        corners = [self.values, *self._others]
        steps = (0, 1, plane.stride, plane.stride + 1)
        last = len(plane.codes) - 1
        for corner, step in zip(corners, steps, strict=True):
            plane.codes[min(step, last) :].take(index, mode="clip", out=self._codes)
            corner[...] = self._codes
        a, b, c, d = corners
        _mix(a, b, self._places.x)
        _mix(c, d, self._places.x)
        _mix(a, c, self._places.y)
        return a


def _mix(a: Floats, b: Floats, share: Floats) -> None:
    """Turn ``a`` into what lies between it and ``b``; spoils ``b``."""
    b -= a
    b *= share
    a += b


def _affine(region: Region, width: int, height: int) -> tuple[Row, Row]:
    """Where a pixel of the crop lies in the picture, as rows of a matrix."""
    side_x, side_y = region.width * width / SIDE, region.height * height / SIDE
    cosine, sine = math.cos(region.rotation), math.sin(region.rotation)
    a, b, c, d = cosine * side_x, -sine * side_y, sine * side_x, cosine * side_y
    half = SIDE / 2
    return (
        (a, b, region.x * width - (a + b) * half),
        (c, d, region.y * height - (c + d) * half),
    )


def _coarser(row: Row, factor: int) -> Row:
    """The same in a plane that has one sample for ``factor`` pixels, in the middle of them."""
    step_i, step_j, start = row
    return step_i / factor, step_j / factor, (start + 0.5) / factor - 0.5


def _inside(row: Row, size: int) -> bool:
    """Whether no pixel of the crop lies beyond the edge along one axis."""
    step_i, step_j, start = row
    ways = step_i * (SIDE - 1), step_j * (SIDE - 1)
    first, last = (start + sum(pick(way, 0.0) for way in ways) for pick in (min, max))
    return first >= 0 and last <= size - 1
