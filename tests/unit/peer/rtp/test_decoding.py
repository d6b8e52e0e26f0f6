"""What waits for the decoder is bounded, and what is decoded is whole."""

from collections.abc import Iterator
from fractions import Fraction

import av
import pytest
from aiortc.codecs import depayload
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.errors import FrameRefused
from rtc_server.peer.rtp import decoding
from rtc_server.peer.rtp.decoding import Decoder, MediaClock, Picture
from rtc_server.peer.rtp.jitter import VideoFrame
from tests.fakes.clock import HandClock
from tests.fakes.publisher import picture

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97)
KEY = b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00"
DELTA = b"\x11\x02\x00\x00\x00\x00\x00\x00\x00\x00"


def frame(data: bytes, *, intact: bool = True) -> VideoFrame:
    return VideoFrame(data, 0, intact=intact)


class Asked:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def encoded() -> Iterator[VideoFrame]:
    """A real VP8 stream: pictures of 40, 60, 80 … shades of grey."""
    encoder = Vp8Encoder()
    for number in range(9):
        image = picture(40 + 20 * number)
        image.pts, image.time_base = number * 9000, Fraction(1, decoding.CLOCK_RATE)
        payloads, timestamp = encoder.encode(image)
        data = b"".join(depayload(VP8, payload) for payload in payloads)
        yield VideoFrame(data, timestamp, intact=True)


def shown(decoder: Decoder, frames: Iterator[VideoFrame], count: int) -> list[Picture]:
    pictures = [decoder.take(VP8, next(frames)) for _ in range(count)]
    return [each for each in pictures if each is not None]


def shade(image: av.VideoFrame) -> float:
    return float(image.to_ndarray(format="gray").mean())


def test_decoding_begins_with_a_key_frame() -> None:
    asked = Asked()
    decoder = Decoder(HandClock(), asked)
    assert decoder.take(VP8, frame(DELTA)) is None
    assert asked.times == 1
    assert decoder.take(VP8, frame(KEY)) is not None
    assert decoder.take(VP8, frame(DELTA)) is not None
    assert len(decoder) == 2


def test_after_a_gap_nothing_is_decoded_until_the_key_frame_that_is_asked_for() -> None:
    clock, asked = HandClock(), Asked()
    decoder = Decoder(clock, asked)
    decoder.take(VP8, frame(KEY))
    assert decoder.take(VP8, frame(DELTA, intact=False)) is None
    assert decoder.take(VP8, frame(DELTA)) is None
    assert (len(decoder), asked.times) == (1, 1)
    clock.seconds += decoding.KEY_FRAME_AGAIN
    decoder.take(VP8, frame(DELTA))
    assert asked.times == 2
    decoder.take(VP8, frame(KEY))
    decoder.take(VP8, frame(DELTA))
    assert len(decoder) == 3


def test_an_encoder_that_never_sends_a_key_frame_is_decoded_in_the_end() -> None:
    clock = HandClock()
    decoder = Decoder(clock, Asked())
    decoder.take(VP8, frame(KEY))
    decoder.take(VP8, frame(DELTA, intact=False))
    clock.seconds += decoding.KEY_FRAME_PATIENCE + 0.1
    decoder.take(VP8, frame(DELTA))
    assert len(decoder) == 2


def test_a_backlog_is_dropped_up_to_the_next_key_frame() -> None:
    asked = Asked()
    decoder = Decoder(HandClock(), asked)
    decoder.take(VP8, frame(KEY))
    for _ in range(decoding.BACKLOG - 1):
        decoder.take(VP8, frame(DELTA))
    assert len(decoder) == decoding.BACKLOG
    assert decoder.take(VP8, frame(DELTA)) is None
    assert (len(decoder), asked.times) == (0, 1)
    decoder.take(VP8, frame(KEY))
    assert len(decoder) == 1
    assert decoder.dropped == decoding.BACKLOG + 1


def test_pictures_beyond_4k_are_not_decoded() -> None:
    decoder = Decoder(HandClock(), Asked())
    huge = KEY[:6] + (16383).to_bytes(2, "little") * 2
    assert decoder.take(VP8, frame(huge)) is None
    assert decoder.take(VP8, frame(DELTA)) is None
    assert decoder.take(VP8, frame(KEY)) is not None


def test_what_leads_up_to_a_picture_is_decoded_with_it() -> None:
    decoder = Decoder(HandClock(), Asked())
    pictures = shown(decoder, encoded(), 5)
    assert {each.width for each in pictures} == {None}
    assert shade(pictures[4].decode()) == pytest.approx(120, abs=6)
    assert [each.width for each in pictures] == [None, None, None, None, 320]
    assert len(decoder) == 0
    assert pictures[4].time == pytest.approx(0.4)


def test_a_picture_is_decoded_without_those_after_it() -> None:
    decoder = Decoder(HandClock(), Asked())
    pictures = shown(decoder, encoded(), 5)
    assert shade(pictures[1].decode()) == pytest.approx(60, abs=6)
    assert len(decoder) == 3
    assert shade(pictures[2].decode()) == pytest.approx(80, abs=6)


def test_a_picture_that_was_overtaken_or_dropped_is_refused() -> None:
    decoder = Decoder(HandClock(), Asked())
    first, second, third = shown(decoder, encoded(), 3)
    second.decode()
    with pytest.raises(FrameRefused):
        first.decode()
    decoder.clear()
    with pytest.raises(FrameRefused):
        third.decode()


def test_a_broken_picture_is_refused_and_a_key_frame_asked_for() -> None:
    asked = Asked()
    decoder = Decoder(HandClock(), asked)
    broken = decoder.take(VP8, frame(KEY))
    assert broken is not None
    with pytest.raises(FrameRefused):
        broken.decode()
    assert asked.times == 1
    assert shade(shown(decoder, encoded(), 1)[0].decode()) == pytest.approx(40, abs=6)


@given(st.integers(0, (1 << 32) - 1), st.lists(st.integers(900, 90_000), max_size=50))
def test_ticks_follow_the_rtp_clock_over_its_wrap(first: int, steps: list[int]) -> None:
    clock = HandClock()
    media = MediaClock(clock)
    assert media.map(first) == 0
    total = 0
    for step in steps:
        clock.seconds += step / decoding.CLOCK_RATE
        total += step
        assert media.map((first + total) % (1 << 32)) == total


def test_a_new_timeline_goes_on_where_the_old_one_is() -> None:
    clock = HandClock()
    media = MediaClock(clock)
    media.map(1000)
    clock.seconds += 2
    assert media.map(3_000_000_000) == 2 * decoding.CLOCK_RATE
    clock.seconds += 0.1
    assert media.map(3_000_009_000) == 2 * decoding.CLOCK_RATE + 9000


def test_ticks_never_go_back() -> None:
    media = MediaClock(HandClock())
    ticks = [media.map(t) for t in (9000, 18_000, 9000, 9000, 27_000)]
    assert ticks == sorted(set(ticks))


def test_a_closed_decoder_holds_no_codec_and_decodes_no_more() -> None:
    decoder = Decoder(HandClock(), lambda: None)
    first, second = shown(decoder, encoded(), 2)
    assert first.decode().width > 0
    decoder.close()
    assert decoder._codec is None
    assert len(decoder) == 0
    with pytest.raises(FrameRefused):
        second.decode()
    assert decoder._codec is None
