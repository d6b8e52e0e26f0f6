from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from rtc_server.base.config import MetricsConfig
from rtc_server.media.frames import Luma
from rtc_server.metrics.judge import is_dark
from rtc_server.metrics.model import Quality
from rtc_server.vision import quality
from rtc_server.vision.region import Region
from tests.fakes import pictures
from tests.fakes.student.film import filmed
from tests.fakes.student.shot import Shot
from tests.fakes.student.student import Student

FACE = (slice(40, 200), slice(280, 430))


def luma(picture: pictures.Picture, pixel_format: str = "yuv420p") -> Luma:
    return pictures.seen(picture, pixel_format).luma


def blurred(picture: pictures.Picture, radius: float) -> pictures.Picture:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def grey(level: int) -> pictures.Picture:
    return np.full((480, 640, 3), level, np.uint8)


@pytest.mark.parametrize("level", [0, 64, 128, 255])
def test_the_brightness_of_an_even_picture_is_its_level(level: int) -> None:
    assert quality.image_luminance(luma(grey(level))) == pytest.approx(level / 255, abs=0.01)


@pytest.mark.parametrize("sigma", [4.0, 8.0, 16.0, 24.0])
@pytest.mark.parametrize("level", [110, 150])
def test_noise_is_measured_whatever_the_brightness(sigma: float, level: int) -> None:
    noise = np.random.default_rng(1).normal(0, sigma, (480, 640, 1))
    picture = np.clip(grey(level) + noise, 0, 255).astype(np.uint8)
    assert quality.noise(luma(picture)) == pytest.approx(sigma / 255, rel=0.15)


def test_texture_is_not_noise() -> None:
    clean = quality.noise(luma(pictures.astronaut()))
    worse = quality.noise(luma(pictures.noisy(pictures.astronaut(), 12)))
    assert clean is not None
    assert worse is not None
    assert clean < 0.01
    assert worse > 0.025


def test_an_even_picture_has_no_noise() -> None:
    assert quality.noise(luma(grey(128))) == 0.0


@pytest.mark.parametrize("level", [0, 255])
def test_where_all_is_clipped_noise_is_not_known(level: int) -> None:
    assert quality.noise(luma(grey(level))) is None


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 100), (100, 3)])
def test_the_smallest_pictures_have_a_quality(size: tuple[int, int]) -> None:
    rated = quality.rate(luma(pictures.black(*size), "rgb24"))
    assert rated.image_luminance == 0.0
    assert rated.noise is None


def test_a_blur_lowers_the_sharpness_step_by_step() -> None:
    values = [
        quality.sharpness(luma(blurred(pictures.astronaut(), radius)).pixels[FACE])
        for radius in (0, 1, 2, 4)
    ]
    known = [value for value in values if value is not None]
    assert len(known) == 4
    assert known == sorted(known, reverse=True)
    assert known[0] > 2 * known[-1]


def test_motion_along_either_axis_lowers_the_sharpness() -> None:
    face = luma(pictures.astronaut()).pixels[FACE]
    still = quality.sharpness(face)
    for axis in (0, 1):
        moved = np.mean([np.roll(face, i, axis) for i in range(9)], axis=0).astype(np.uint8)
        value = quality.sharpness(moved)
        assert value is not None
        assert still is not None
        assert value < 0.7 * still


def test_sharpness_does_not_ask_for_light_or_contrast() -> None:
    dim = (pictures.astronaut() * 0.4 + 20).astype(np.uint8)
    bright = quality.sharpness(luma(pictures.astronaut()).pixels[FACE])
    assert quality.sharpness(luma(dim).pixels[FACE]) == pytest.approx(bright, abs=0.05)


def test_a_tiny_face_has_no_sharpness() -> None:
    assert quality.sharpness(np.zeros((10, 10), np.uint8)) is None


def test_an_even_face_has_no_sharpness_at_all() -> None:
    assert quality.sharpness(np.full((100, 100), 90, np.uint8)) == 0.0


@pytest.mark.parametrize("codec", ["libvpx", "libx264"])
@pytest.mark.parametrize("skin", [1.0, 0.12])
def test_the_same_light_is_too_dark_for_every_skin_whatever_the_codec(
    codec: str, skin: float
) -> None:
    """Noise would not tell: a codec leaves none of it."""
    config = MetricsConfig()
    for light, dark in ((1.0, False), (0.3, False), (0.02, True)):
        rated = filmed_quality(codec, Shot(skin=skin, light=light, noise=3.0))
        assert rated.noise is not None
        assert rated.noise < config.dark_noise
        assert is_dark(config, rated) is dark


def filmed_quality(codec: str, shot: Shot) -> Quality:
    """Of the tenth frame, at 300 kbit/s; the face is in the middle."""
    student = Student()
    *_, (_, last) = filmed(((i / 10, student.render(shot)) for i in range(10)), codec=codec)
    crop = quality._inside(Region(0.5, 0.5, 0.45, 0.6, 0.0), luma(last))
    whole = quality.rate(luma(last))
    return replace(whole, contrast=quality.contrast(crop, luma(last)), inter_ocular_px=100.0)
