import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.errors import FrameRefused
from rtc_server.media.jpeg import MAX_SCANS, JpegDecoder, check_jpeg
from tests.fakes import pictures

MAX_BYTES = 512 * 1024
MAX_PIXELS = 1920 * 1080
PICTURE = pictures.jpeg(pictures.astronaut())
PROGRESSIVE = pictures.jpeg(pictures.astronaut(), progressive=True)
KNOWN = {
    "frame_too_large",
    "frame_not_jpeg",
    "frame_too_many_pixels",
    "frame_truncated",
    "frame_corrupt",
}


@pytest.fixture
def decoder() -> JpegDecoder:
    return JpegDecoder(MAX_BYTES, MAX_PIXELS)


def code_of(decoder: JpegDecoder, data: bytes) -> str:
    with pytest.raises(FrameRefused) as refused:
        decoder.decode(data)
    return refused.value.code


def verdict(decoder: JpegDecoder, data: bytes) -> str:
    try:
        frame = decoder.decode(data)
    except FrameRefused as refused:
        return refused.code
    return "decoded" if frame.width * frame.height <= MAX_PIXELS else "too many pixels"


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The same picture with another size in its header."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + data[at + 4 :]


def test_the_size_is_read_without_decoding() -> None:
    assert check_jpeg(PICTURE, MAX_BYTES, MAX_PIXELS) == (640, 480)
    assert check_jpeg(PROGRESSIVE, MAX_BYTES, MAX_PIXELS) == (640, 480)


def test_one_decoder_takes_every_kind_in_turn(decoder: JpegDecoder) -> None:
    grey = pictures.jpeg(pictures.astronaut()[:, :, 0])
    odd = pictures.jpeg(pictures.astronaut()[:333, :477])
    full_chroma = pictures.jpeg(pictures.astronaut(), subsampling=0)
    for data in (PICTURE, PROGRESSIVE, grey, odd, full_chroma, PICTURE):
        frame = decoder.decode(data)
        assert (frame.width, frame.height) == check_jpeg(data, MAX_BYTES, MAX_PIXELS)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(100), b"RIFF....WEBP"])
def test_what_is_no_jpeg_is_refused(decoder: JpegDecoder, data: bytes) -> None:
    assert code_of(decoder, data) == "frame_not_jpeg"


def test_too_many_bytes_are_refused() -> None:
    assert code_of(JpegDecoder(1000, MAX_PIXELS), PICTURE) == "frame_too_large"


def test_a_bomb_is_refused_by_its_header(decoder: JpegDecoder) -> None:
    assert code_of(decoder, with_size(PICTURE, 65535, 65535)) == "frame_too_many_pixels"


def test_a_second_header_cannot_ask_for_more(decoder: JpegDecoder) -> None:
    bomb = with_size(PICTURE, 60000, 60000)
    assert code_of(decoder, PICTURE[:-2] + bomb[2:]) == "frame_corrupt"


def test_no_extent_is_refused(decoder: JpegDecoder) -> None:
    assert code_of(decoder, with_size(PICTURE, 0, 480)) == "frame_corrupt"


@pytest.mark.parametrize("share", [0.0001, 0.005, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("data", [PICTURE, PROGRESSIVE])
def test_a_truncated_picture_is_an_error_and_not_grey(
    decoder: JpegDecoder, data: bytes, share: float
) -> None:
    cut = data[: max(2, int(share * len(data)))]
    assert code_of(decoder, cut) == "frame_truncated"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_an_end_put_behind_a_truncated_picture_does_not_help(
    decoder: JpegDecoder, share: float
) -> None:
    assert code_of(decoder, PICTURE[: int(share * len(PICTURE))] + b"\xff\xd9") == "frame_corrupt"


def test_too_many_scans_are_refused(decoder: JpegDecoder) -> None:
    scan = PROGRESSIVE.index(b"\xff\xda")
    many = PROGRESSIVE[:scan] + PROGRESSIVE[scan : scan + 16] * (MAX_SCANS + 1) + b"\xff\xd9"
    assert code_of(decoder, many) == "frame_corrupt"


def test_bytes_after_the_picture_do_no_harm(decoder: JpegDecoder) -> None:
    assert decoder.decode(PICTURE + bytes(100)).width == 640


def test_a_decoder_works_on_after_a_damaged_picture(decoder: JpegDecoder) -> None:
    draw = random.Random(1)
    for _ in range(50):
        damaged = bytearray(PICTURE)
        for _ in range(20):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        assert verdict(decoder, bytes(damaged)) in KNOWN | {"decoded"}
    assert decoder.decode(PICTURE).width == 640


@given(st.binary(max_size=200))
def test_no_header_breaks_the_check(tail: bytes) -> None:
    with pytest.raises(FrameRefused) as refused:
        check_jpeg(b"\xff\xd8" + tail, MAX_BYTES, MAX_PIXELS)
    assert refused.value.code in KNOWN


@given(st.integers(2, len(PICTURE) - 1), st.binary(min_size=1, max_size=8))
def test_no_change_of_a_header_breaks_the_decoder(at: int, patch: bytes) -> None:
    at %= 700
    changed = PICTURE[:at] + patch + PICTURE[at + len(patch) :]
    assert verdict(JpegDecoder(MAX_BYTES, MAX_PIXELS), changed) in KNOWN | {"decoded"}
