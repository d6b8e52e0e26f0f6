"""What a video's headers hide, or ask for beyond the limits, no decoder gets to see."""

from itertools import count

import av
import numpy as np
import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from rtc_server.base.errors import FrameRefused
from rtc_server.media.frames import Converter
from rtc_server.media.source import MAX_SIDE
from rtc_server.peer.rtp.bitstream import (
    MAX_FRAME_BYTES,
    MAX_PICTURE_SETS,
    MAX_UNITS,
    read_header,
)
from rtc_server.peer.rtp.decoding import (
    BACKLOG_BYTES,
    TOO_LARGE,
    UNREADABLE,
    Decoder,
    Picture,
)
from rtc_server.peer.rtp.jitter import VideoFrame
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.region import Region
from tests.fakes.clock import HandClock
from tests.fakes.h264_bits import START, Bits, key_picture, picture_set, sequence_set
from tests.fakes.pictures import jpeg

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97)
H264 = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=99)
SMALL = sequence_set(640, 480) + picture_set() + key_picture(1200)
GO_ON = START + b"\x61\xe0\x00\x00\x00"
"""Of no use but as a frame that builds on others."""


def vp8(width: int, height: int, sync: bytes = b"\x9d\x01\x2a") -> bytes:
    return b"\x10\x02\x00" + sync + width.to_bytes(2, "little") + height.to_bytes(2, "little")


class Stream:
    """A decoder and why it refuses frames."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.decoder = Decoder(HandClock(), lambda: None, 1920 * 1080, self.refused.append)

    def take(self, data: bytes, codec: RTCRtpCodecParameters = H264) -> Picture | None:
        return self.decoder.take(codec, VideoFrame(data, 0, intact=True))


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_the_bits_of_these_tests_are_what_ffmpeg_reads(stream: Stream) -> None:
    picture = stream.take(SMALL)
    assert picture is not None
    shown = picture.decode()
    assert (shown.width, shown.height) == (640, 480)


HIDDEN = {
    "behind 255 offsets": sequence_set(16384, 8192, offsets=255),
    "behind an offset that FFmpeg reads in part": sequence_set(
        16384, 8192, offsets=3, offset=1 << 40
    ),
    "behind a profile with chroma that is no such profile": sequence_set(16384, 8192, profile=144),
    "of several views": sequence_set(640, 480, profile=118),
    "in a set that ends too early": sequence_set(640, 480)[:9],
    "in a set without an end": START + b"\x67",
    "behind a size of more bits than FFmpeg reads": sequence_set(16 << 14, 480),
    "in one set of many": sequence_set(640, 480) * 9,
    "in separate planes": Bits().put(244, 8).put(0, 16).golomb(0, 3).put(1, 1).golomb(0, 0).unit(7),
    "in chroma of no format": Bits().put(100, 8).put(0, 16).golomb(0, 4, 0, 0).unit(7),
}
TOO_MUCH = {
    "pixels": sequence_set(4096, 4096),
    "a side": sequence_set(MAX_SIDE + 16, 16),
    "the other side": sequence_set(16, MAX_SIDE + 16),
    "references": sequence_set(1920, 1072, references=16),
    "pixels in the second set": sequence_set(640, 480) + sequence_set(16384, 8192),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_size_that_cannot_be_read_is_not_decoded(stream: Stream, name: str) -> None:
    assert stream.take(HIDDEN[name] + picture_set() + key_picture(100)) is None
    assert stream.refused == [UNREADABLE]


@pytest.mark.parametrize("name", TOO_MUCH)
def test_more_than_the_limits_is_not_decoded(stream: Stream, name: str) -> None:
    assert stream.take(TOO_MUCH[name] + picture_set() + key_picture(100)) is None
    assert stream.refused == [TOO_LARGE]


def test_both_ways_are_read_in_which_ffmpeg_reads_a_set() -> None:
    """It tries one that it cannot read again with the bytes that keep it from a start code."""
    escaped = Bits().put(66, 8).put(0, 16).golomb(0, 0, 0, 0, 1).put(0, 1).golomb(29, 29)
    plain = escaped.put(0b1100, 4).unit(0x67)
    with_zeros = plain[:7] + b"\x00\x00\x03" + plain[7:]
    assert read_header("H264", plain) is not None
    stream = Stream()
    stream.take(with_zeros + picture_set() + key_picture(100))
    assert stream.refused


def test_small_pictures_may_keep_sixteen(stream: Stream) -> None:
    assert stream.take(sequence_set(640, 480, references=16) + picture_set() + key_picture(1200))
    assert stream.refused == []


@pytest.mark.parametrize("first", [GO_ON, picture_set() + key_picture(10)])
def test_nothing_is_decoded_before_a_size_was_read(stream: Stream, first: bytes) -> None:
    assert stream.take(first) is None
    assert stream.take(SMALL) is not None


@pytest.mark.parametrize("worse", [HIDDEN["behind 255 offsets"], TOO_MUCH["pixels"]])
def test_nor_after_a_bad_one_until_the_next_good_one(stream: Stream, worse: bytes) -> None:
    assert stream.take(SMALL) is not None
    assert stream.take(worse) is None
    assert stream.take(key_picture(10)) is None
    assert stream.take(GO_ON) is None
    assert stream.take(SMALL) is not None


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (vp8(16383, 16383), TOO_LARGE),
        (vp8(MAX_SIDE + 1, 1), TOO_LARGE),
        (vp8(0, 480), UNREADABLE),
        (vp8(640, 480, b"\x9d\x01\x2b"), UNREADABLE),
        (vp8(640, 480)[:8], UNREADABLE),
        (b"", UNREADABLE),
    ],
)
def test_a_vp8_size_is_held_to_the_limits(stream: Stream, data: bytes, cause: str) -> None:
    assert stream.take(data, VP8) is None
    assert stream.refused == [cause]


def test_a_frame_of_many_units_or_bytes_is_not_decoded(stream: Stream) -> None:
    assert stream.take(SMALL + START + (b"\x00\x00\x01\x06\x05" * (MAX_UNITS + 1))) is None
    assert stream.take(SMALL + bytes(MAX_FRAME_BYTES)) is None
    assert stream.refused == [UNREADABLE] * 2


def test_picture_sets_of_a_codec_are_few(stream: Stream) -> None:
    assert stream.take(SMALL + b"".join(map(picture_set, range(MAX_PICTURE_SETS + 1)))) is None
    numbers = count(1)
    fresh = []
    for _ in range(100):
        picture = stream.take(SMALL + picture_set(next(numbers) % 200))
        assert picture is not None
        fresh.append(picture.fresh)
        assert picture.decode().width == 640
    assert 3 <= sum(fresh) <= 4


def test_what_waits_to_be_decoded_is_bounded_in_bytes(stream: Stream) -> None:
    for _ in range(40):
        stream.take(SMALL + b"\x00\x00\x01\x0c" + b"\xff" * 200_000)
        assert sum(len(each.frame.data) for each in stream.decoder._waiting) <= BACKLOG_BYTES


def test_the_decoder_itself_is_bound(stream: Stream) -> None:
    picture = stream.take(SMALL)
    assert picture is not None
    picture.decode()
    picture = stream.take(SMALL)
    assert picture is not None
    picture.frame.data = sequence_set(8192, 4096) + picture_set() + key_picture(100)
    with pytest.raises(FrameRefused):
        picture.decode()
    context = stream.decoder._codec.codec  # type: ignore[union-attr]
    assert isinstance(context, av.VideoCodecContext)
    assert context.thread_count == 1


@pytest.mark.parametrize("size", [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (32767, 1), (65500, 31)])
def test_a_jpeg_of_a_side_that_ends_the_process_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(FrameRefused) as refused:
        Converter(1 << 20, 1920 * 1080).decode(jpeg(np.zeros((*size[::-1], 3), np.uint8)))
    assert refused.value.code == "frame_too_many_pixels"


@pytest.mark.parametrize("size", [(MAX_SIDE + 2, 2), (2, MAX_SIDE + 2)])
def test_a_picture_of_any_other_source_too(size: tuple[int, int]) -> None:
    with pytest.raises(FrameRefused):
        Converter(1 << 20, 1920 * 1080).decode(av.VideoFrame(*size, "yuv420p"))


@pytest.mark.parametrize("size", [(MAX_SIDE, 1), (1, MAX_SIDE), (MAX_SIDE, 253), (1, 1)])
def test_the_models_survive_every_shape_that_is_let_through(size: tuple[int, int]) -> None:
    models = FaceModels()
    frame = av.VideoFrame.from_ndarray(np.full(size[::-1], 90, np.uint8), format="gray")
    picture = Converter(1 << 20, 1 << 23).picture(frame)
    assert models.faces(picture) == models.faces(picture, far=True) == []
    models.mesh(picture, Region(0.5, 0.5, 1.0, 1.0, 0.0))
    models.close()
