"""Cameras that stand still, show nothing or are slow: unknown, or measured, but never guessed."""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

import av
import numpy as np
import pytest

from rtc_server.base.config import MetricsConfig
from rtc_server.media.frames import Converter
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, Quality, SessionSummary
from rtc_server.vision.stillness import Stillness
from tests.fakes.pictures import Picture, black, jpeg, noisy, panned

FRAMES = 80


@cache
def still() -> Picture:
    """What a camera that has hung shows."""
    return panned(32, -76, zoom=1.75)


@cache
def breathing() -> tuple[Picture, ...]:
    """Somebody who sits as still as can be: a seventh of a pixel to and fro."""
    shifts = ((0.15 * math.sin(n / 7), 0.15 * math.cos(n / 9)) for n in range(FRAMES))
    moved = (panned(32 + dx, -76 + dy, zoom=1.75) for dx, dy in shifts)
    return tuple(noisy(each, 3, n) for n, each in enumerate(moved))


def coded(pictures: Iterable[Picture], codec: str, rate: int) -> Iterator[av.VideoFrame]:
    """As a decoder gives them: encoded at ``rate`` bits a second, a key frame every two seconds."""
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 640, 480, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(1, 10), rate, 20
    fast = {"deadline": "realtime", "cpu-used": "8"}
    encoder.options = fast if codec == "libvpx" else {"preset": "ultrafast", "tune": "zerolatency"}
    decoder = av.CodecContext.create("vp8" if codec == "libvpx" else "h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 10)
        for packet in encoder.encode(frame):
            yield from decoder.decode(packet)


def watched(frames: Iterable[av.VideoFrame]) -> Stillness:
    found, converter = Stillness(), Converter(1 << 20, 1920 * 1080)
    for number, frame in enumerate(frames):
        found.see(number / 10, converter.picture(frame).luma)
    return found


@pytest.mark.parametrize("rate", [150_000, 600_000])
@pytest.mark.parametrize("codec", ["libvpx", "libx264"])
def test_a_camera_that_hangs_is_told_from_one_who_sits_still(codec: str, rate: int) -> None:
    hung = watched(coded([still()] * FRAMES, codec, rate))
    assert hung.frozen(has_face=True)
    assert not hung.plain
    alive = watched(coded(breathing(), codec, rate))
    assert not alive.frozen(has_face=True)


def test_the_same_jpeg_again_and_again_is_a_camera_that_hangs() -> None:
    converter = Converter(1 << 20, 1920 * 1080)
    frames = [converter.decode(jpeg(still())) for _ in range(60)]
    assert watched(frames).frozen(has_face=True)
    assert watched(frames).frozen(has_face=False)
    assert not watched(frames[:40]).frozen(has_face=True), "not before five seconds"


def test_an_empty_room_is_nobodys_frozen_camera() -> None:
    room = (noisy(still(), 3, seed) for seed in range(FRAMES))
    frames = (av.VideoFrame.from_ndarray(each, format="rgb24") for each in room)
    assert not watched(frames).frozen(has_face=False)


@pytest.mark.parametrize("code", [0, 16, 128, 235, 255])
@pytest.mark.parametrize("codec", ["libvpx", "libx264"])
def test_a_picture_of_one_colour_shows_nothing(codec: str, code: int) -> None:
    pictures = [noisy(black() + np.uint8(code), 2, seed) for seed in range(20)]
    assert watched(coded(pictures, codec, 300_000)).plain
    assert not watched(coded([still()] * 5, codec, 300_000)).plain


@pytest.mark.parametrize(
    ("quality", "cause"),
    [(Quality(plain=True), Cause.NO_PICTURE), (Quality(frozen=True), Cause.CAMERA_FROZEN)],
)
def test_what_shows_nothing_is_unknown_and_never_unfocused(quality: Quality, cause: Cause) -> None:
    meter = Meter(MetricsConfig())
    for number in range(101):
        reading = meter.observe(Observation(number / 10, number / 10, 0, quality))
    assert not reading.quality.ok
    summary = meter.finish(10.0)
    assert summary.unfocused_time == 0
    assert summary.unknown_by_cause[cause] == pytest.approx(10.0, abs=0.2)


def seen_every(step: float, seconds: float = 60.0) -> SessionSummary:
    """Nobody before a camera that gives a picture every ``step`` seconds."""
    meter, number = Meter(MetricsConfig()), 0
    while (at := number * step + 0.04 * math.sin(number)) < seconds:
        meter.observe(Observation(max(0.0, at), max(0.0, at), 0))
        number += 1
    return meter.finish(seconds)


@pytest.mark.parametrize("step", [0.5, 0.95, 1.0, 1.1, 1.5, 2.0])
def test_a_slow_camera_is_measured_by_its_own_rate(step: float) -> None:
    assert seen_every(step).unfocused_time >= 60 * 0.85


def test_a_camera_that_is_too_slow_says_nothing_of_what_lies_between() -> None:
    assert seen_every(5.0).unfocused_time == 0


def test_a_gap_of_a_fast_camera_stays_unknown() -> None:
    meter = Meter(MetricsConfig())
    for number in range(100):
        meter.observe(Observation(number / 10, number / 10, 0))
    meter.observe(Observation(11.5, 11.5, 0))
    assert meter.finish(11.5).unknown_by_cause[Cause.NO_FRAMES] == pytest.approx(1.6, abs=0.01)
