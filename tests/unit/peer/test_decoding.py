"""The queues around the decoder are bounded, and what is decoded is whole."""

import asyncio

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.peer import decoding
from rtc_server.peer.decoding import DecoderQueue, MediaClock, NewestQueue
from rtc_server.peer.jitter import VideoFrame
from tests.fakes.clock import HandClock

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


def test_decoding_begins_with_a_key_frame() -> None:
    asked = Asked()
    frames = DecoderQueue(HandClock(), asked)
    frames.put((VP8, frame(DELTA)))
    assert frames.empty()
    assert asked.times == 1
    frames.put((VP8, frame(KEY)))
    frames.put((VP8, frame(DELTA)))
    assert frames.qsize() == 2


def test_after_a_gap_nothing_is_decoded_until_the_key_frame_that_is_asked_for() -> None:
    clock, asked = HandClock(), Asked()
    frames = DecoderQueue(clock, asked)
    frames.put((VP8, frame(KEY)))
    frames.put((VP8, frame(DELTA, intact=False)))
    frames.put((VP8, frame(DELTA)))
    assert (frames.qsize(), asked.times) == (1, 1)
    clock.seconds += decoding.KEY_FRAME_AGAIN
    frames.put((VP8, frame(DELTA)))
    assert asked.times == 2
    frames.put((VP8, frame(KEY)))
    frames.put((VP8, frame(DELTA)))
    assert frames.qsize() == 3


def test_an_encoder_that_never_sends_a_key_frame_is_decoded_in_the_end() -> None:
    clock = HandClock()
    frames = DecoderQueue(clock, Asked())
    frames.put((VP8, frame(KEY)))
    frames.put((VP8, frame(DELTA, intact=False)))
    clock.seconds += decoding.KEY_FRAME_PATIENCE + 0.1
    frames.put((VP8, frame(DELTA)))
    assert frames.qsize() == 2


def test_a_backlog_is_dropped_up_to_the_next_key_frame() -> None:
    asked = Asked()
    frames = DecoderQueue(HandClock(), asked)
    frames.put((VP8, frame(KEY)))
    for _ in range(decoding.BACKLOG - 1):
        frames.put((VP8, frame(DELTA)))
    assert frames.qsize() == decoding.BACKLOG
    frames.put((VP8, frame(DELTA)))
    assert (frames.qsize(), asked.times) == (0, 1)
    frames.put((VP8, frame(KEY)))
    assert frames.qsize() == 1
    assert frames.dropped == decoding.BACKLOG + 1


def test_pictures_beyond_4k_are_not_decoded() -> None:
    frames = DecoderQueue(HandClock(), Asked())
    huge = KEY[:6] + (16383).to_bytes(2, "little") * 2
    frames.put((VP8, frame(huge)))
    frames.put((VP8, frame(DELTA)))
    assert frames.empty()
    frames.put((VP8, frame(KEY)))
    assert frames.qsize() == 1


def test_the_end_overtakes_what_waits() -> None:
    frames = DecoderQueue(HandClock(), Asked())
    frames.put((VP8, frame(KEY)))
    frames.put((VP8, frame(DELTA)))
    frames.put(None)
    assert frames.get_nowait() is None
    assert frames.empty()


async def test_the_track_queue_keeps_the_newest_and_never_waits() -> None:
    frames = NewestQueue()
    for number in range(10):
        await asyncio.wait_for(frames.put(number), 1)
    assert [frames.get_nowait() for _ in range(decoding.DECODED)] == [6, 7, 8, 9]
    assert frames.dropped == 6


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
