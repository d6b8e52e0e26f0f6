import numpy as np
import pytest

from rtc_server.base.errors import FrameRefused
from rtc_server.media.frames import Converter
from tests.fakes import pictures

FORMATS = ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "rgb24", "bgra", "yuv420p10le"]


@pytest.fixture
def converter() -> Converter:
    return Converter(512 * 1024, 1920 * 1080)


def difference(a: pictures.Picture, b: pictures.Picture) -> float:
    return float(np.abs(a.astype(int) - b).mean())


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_every_format_becomes_the_same_rgb(converter: Converter, pixel_format: str) -> None:
    rgb = converter.picture(pictures.video_frame(pictures.astronaut(), pixel_format)).rgb
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    assert difference(rgb, pictures.astronaut()) < 3


@pytest.mark.parametrize("pixel_format", [*FORMATS, "gray"])
def test_luma_is_the_same_share_of_white_in_every_format(
    converter: Converter, pixel_format: str
) -> None:
    expected = (pictures.astronaut() @ [0.299, 0.587, 0.114]).mean() / 255
    luma = converter.picture(pictures.video_frame(pictures.astronaut(), pixel_format)).luma
    assert luma.pixels.shape == (480, 640)
    share = (luma.pixels.mean() - luma.black) / (luma.white - luma.black)
    assert share == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("size", [(631, 477), (1, 1), (3, 5), (33, 17), (480, 640)])
def test_odd_sizes_keep_every_row_in_its_place(converter: Converter, size: tuple[int, int]) -> None:
    picture = pictures.panned(0, 0, size=size)
    rgb = converter.picture(pictures.video_frame(picture, "yuv444p")).rgb
    assert difference(rgb, picture) < 4
    assert converter.picture(pictures.video_frame(picture)).luma.pixels.shape == picture.shape[:2]


def test_size_format_and_rotation_may_change_in_mid_stream(converter: Converter) -> None:
    sizes = [(640, 480), (480, 640), (320, 240), (1280, 720), (640, 480)]
    for size, pixel_format in zip(sizes, FORMATS, strict=False):
        picture = pictures.panned(0, 0, size=size)
        rgb = converter.picture(pictures.video_frame(picture, pixel_format)).rgb
        assert difference(rgb, picture) < 4


def test_a_frame_of_too_many_pixels_is_scaled_down(converter: Converter) -> None:
    rgb = converter.picture(pictures.video_frame(pictures.black(3840, 2160))).rgb
    assert rgb.shape == (1080, 1920, 3)
    small = Converter(1000, 100).picture(pictures.video_frame(pictures.black(64, 4))).rgb
    assert small.shape[0] * small.shape[1] <= 100


@pytest.mark.parametrize("kind", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_jpeg_is_a_frame_like_any_other(converter: Converter, kind: dict[str, bool]) -> None:
    frame = converter.decode(pictures.jpeg(pictures.astronaut(), **kind))
    assert difference(converter.picture(frame).rgb, pictures.astronaut()) < 4
    luma = converter.picture(frame).luma
    assert (luma.black, luma.white) == (0, 255)


def test_a_grey_jpeg_is_grey(converter: Converter) -> None:
    grey = pictures.astronaut()[:, :, 1]
    rgb = converter.picture(converter.decode(pictures.jpeg(grey))).rgb
    assert difference(rgb, np.repeat(grey[:, :, None], 3, axis=2)) < 4


def test_a_frame_is_passed_on_as_it_is(converter: Converter) -> None:
    frame = pictures.video_frame(pictures.black())
    assert converter.decode(frame) is frame


def test_a_damaged_jpeg_is_refused(converter: Converter) -> None:
    with pytest.raises(FrameRefused):
        converter.decode(pictures.jpeg(pictures.astronaut())[:-1000])
