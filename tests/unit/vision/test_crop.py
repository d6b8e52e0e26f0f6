"""The crop from the planes, against every pixel computed for itself."""

import math
from itertools import product

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from rtc_server.media.frames import Converter, Picture
from rtc_server.vision.crop import BT601, CELLS, SIDE, Crop
from rtc_server.vision.region import Region
from tests.fakes import pictures

UPRIGHT = Region(0.5, 0.45, 0.35, 0.45, 0.0)
TURNED = Region(0.5, 0.45, 0.35, 0.45, 0.4)
UPSIDE_DOWN = Region(0.4, 0.5, 0.3, 0.4, math.pi)
OVER_THE_EDGE = Region(0.05, 0.95, 0.5, 0.7, -0.7)
ALL_AROUND = Region(0.5, 0.5, 2.0, 2.0, 0.2)
TINY = Region(0.6, 0.3, 0.02, 0.03, 1.1)
REGIONS = (UPRIGHT, TURNED, UPSIDE_DOWN, OVER_THE_EDGE, ALL_AROUND, TINY)


def frame(
    size: tuple[int, int], pixel_format: str = "yuv420p", seed: int = 1
) -> tuple[av.VideoFrame, list[NDArray[np.uint8]]]:
    """Soft noise, and its planes; the padding of each line is white, which no crop may show."""
    made = av.VideoFrame(*size, pixel_format)
    random = np.random.default_rng(seed)
    planes = []
    for plane in made.planes:
        shape = plane.height, plane.width
        lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        lines[...] = 255
        lines[: shape[0], : shape[1]] = random.integers(20, 230, shape)
        planes.append(lines[: shape[0], : shape[1]].copy())
    return made, planes


def seen(made: av.VideoFrame) -> Picture:
    return Converter(0, 1 << 22).picture(made)


def position(
    region: Region, size: tuple[int, int], column: float, row: float
) -> tuple[float, float]:
    """Where a pixel of the crop lies in the picture: its first corner is the region's corner."""
    width, height = size
    dx = (column / SIDE - 0.5) * region.width * width
    dy = (row / SIDE - 0.5) * region.height * height
    cosine, sine = math.cos(region.rotation), math.sin(region.rotation)
    return (
        region.x * width + cosine * dx - sine * dy,
        region.y * height + sine * dx + cosine * dy,
    )


def between(plane: NDArray[np.uint8], x: float, y: float) -> float:
    height, width = plane.shape
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    column, row = min(int(x), max(width - 2, 0)), min(int(y), max(height - 2, 0))
    right, below = min(column + 1, width - 1), min(row + 1, height - 1)
    upper = plane[row, column] * (1 - x + column) + plane[row, right] * (x - column)
    lower = plane[below, column] * (1 - x + column) + plane[below, right] * (x - column)
    return float(upper * (1 - y + row) + lower * (y - row))


def nearest(plane: NDArray[np.uint8], x: float, y: float) -> set[int]:
    """What may be meant: a place in the middle between two samples is of both."""
    height, width = plane.shape
    near = 1e-3
    columns = {round(min(max(x + each, 0), width - 1)) for each in (-near, near)}
    rows = {round(min(max(y + each, 0), height - 1)) for each in (-near, near)}
    return {int(plane[row, column]) for column, row in product(columns, rows)}


def check(made: av.VideoFrame, planes: list[NDArray[np.uint8]], region: Region) -> None:
    """Hold a sample of the cells against the slow way."""
    crop, size = Crop(), (made.width, made.height)
    crop.take(seen(made), region)
    for cell in product(range(0, CELLS, 19), repeat=2):
        for pixel in range(4):
            column, row = 2 * cell[1] + pixel % 2, 2 * cell[0] + pixel // 2
            code = between(planes[0], *position(region, size, column, row))
            assert crop.luma[0, *cell, pixel] == pytest.approx((code - 16) / 219, abs=0.003)
        x, y = position(region, size, 2 * cell[1] + 0.5, 2 * cell[0] + 0.5)
        for number, plane in enumerate(planes[1:]):
            across, down = (
                math.ceil(whole / part)
                for whole, part in ((size[0], plane.shape[1]), (size[1], plane.shape[0]))
            )
            codes = nearest(plane, (x + 0.5) / across - 0.5, (y + 0.5) / down - 0.5)
            value = 224 * float(crop.chroma[0, *cell, number]) + 128
            assert min(abs(value - code) for code in codes) < 0.01


@pytest.mark.parametrize("region", REGIONS)
def test_a_crop_is_what_the_slow_way_makes(region: Region) -> None:
    check(*frame((640, 480)), region)


@pytest.mark.parametrize("size", [(641, 479), (322, 241), (33, 17), (16, 240), (3, 5), (2, 2)])
def test_every_size_keeps_lines_and_edges(size: tuple[int, int]) -> None:
    for region in (TURNED, ALL_AROUND):
        check(*frame(size), region)


@pytest.mark.parametrize("pixel_format", ["yuv422p", "yuv444p"])
def test_chroma_lies_where_its_format_puts_it(pixel_format: str) -> None:
    check(*frame((320, 240), pixel_format), TURNED)


def test_one_pixel_is_a_picture_too() -> None:
    crop = Crop()
    crop.take(seen(frame((1, 1))[0]), UPRIGHT)
    assert np.isfinite(crop.luma).all()
    assert np.ptp(crop.luma) == 0


def test_full_range_has_more_codes() -> None:
    made, planes = frame((640, 480))
    made.color_range = ColorRange.JPEG
    crop = Crop()
    crop.take(seen(made), TURNED)
    code = between(planes[0], *position(TURNED, (640, 480), 0, 0))
    assert crop.luma[0, 0, 0, 0] == pytest.approx(code / 255, abs=0.003)
    assert np.abs(crop.chroma).max() <= 0.5


def colours(crop: Crop) -> NDArray[np.float64]:
    """(96, 96, 4, 3), as the model makes them of it."""
    chroma = np.repeat(crop.chroma[0][:, :, None], 4, axis=2)
    whole = np.concatenate([crop.luma[0][..., None], chroma], axis=3)
    rgb: NDArray[np.float64] = np.clip(whole @ BT601.T, 0, 1)
    return rgb


@pytest.mark.parametrize("space", [Colorspace.ITU601, Colorspace.ITU709])
def test_colours_are_those_that_the_frame_says(space: int) -> None:
    plain = av.VideoFrame.from_ndarray(
        np.full((64, 64, 3), (200, 90, 60), np.uint8), format="rgb24"
    )
    crop = Crop()
    crop.take(seen(plain.reformat(format="yuv444p", dst_colorspace=space)), UPRIGHT)
    assert 255 * colours(crop)[0, 0, 0] == pytest.approx((200, 90, 60), abs=2.5)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_jpeg_is_cropped_as_its_rgb_is(subsampling: int) -> None:
    soft = np.asarray(pictures.panned(0, 0, 4.0))
    picture = seen(Converter(1 << 20, 1 << 20).decode(pictures.jpeg(soft, subsampling=subsampling)))
    crop = Crop()
    crop.take(picture, UPRIGHT)
    middle = 255 * colours(crop)[48, 48, 0]
    x, y = (round(place) for place in position(UPRIGHT, (640, 480), 96, 96))
    assert middle == pytest.approx(picture.rgb[y, x].astype(float), abs=10)


def test_a_grey_picture_has_no_colour() -> None:
    crop = Crop()
    crop.take(pictures.seen(pictures.astronaut()), TURNED)
    crop.take(pictures.seen(pictures.astronaut(), "gray"), TURNED)
    assert not crop.chroma.any()


def test_nothing_is_allocated_but_the_small() -> None:
    crop, picture = Crop(), pictures.seen(pictures.astronaut())
    crop.take(picture, TURNED)
    luma = crop.luma.__array_interface__["data"]
    crop.take(picture, UPRIGHT)
    assert crop.luma.__array_interface__["data"] == luma
