"""Packets become frames at once, in order, and a lost packet costs little."""

import random

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.peer.rtp.jitter import (
    GIVE_UP,
    SETTLED,
    TAIL_ASKS,
    MarkerJitterBuffer,
    PatientNack,
)
from tests.fakes.clock import HandClock

Taken = list[tuple[bytes, bool]]


def packet(seq: int, frame: int, data: bytes | None = None, *, marker: bool = False) -> RtpPacket:
    made = RtpPacket(sequence_number=seq & 0xFFFF, timestamp=frame * 9000, marker=int(marker))
    made._data = f"{seq & 0xFFFF} ".encode() if data is None else data  # type: ignore[attr-defined]
    return made


def frames(count: int, size: int = 3, first: int = 0, *, marked: bool = True) -> list[RtpPacket]:
    return [
        packet(first + f * size + i, f, marker=marked and i == size - 1)
        for f in range(count)
        for i in range(size)
    ]


def data_of(packets: list[RtpPacket]) -> bytes:
    return b"".join(p._data for p in packets)  # type: ignore[attr-defined]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def buffer(clock: HandClock) -> MarkerJitterBuffer:
    return MarkerJitterBuffer(clock)


def feed(buffer: MarkerJitterBuffer, packets: list[RtpPacket]) -> Taken:
    taken: Taken = []
    for p in packets:
        _, frame = buffer.add(p)
        while frame is not None:
            taken.append((frame.data, frame.intact))
            frame = buffer.next_frame()
    return taken


def test_a_frame_is_released_with_its_last_packet(buffer: MarkerJitterBuffer) -> None:
    first, second, last = frames(1)
    assert feed(buffer, [first, second]) == []
    assert feed(buffer, [last]) == [(data_of([first, second, last]), True)]


def test_a_sender_without_markers_is_served_a_frame_later(buffer: MarkerJitterBuffer) -> None:
    packets = frames(3, marked=False)
    assert feed(buffer, packets[:3]) == []
    assert [data for data, _ in feed(buffer, packets[3:])] == [
        data_of(packets[:3]),
        data_of(packets[3:6]),
    ]


@given(st.integers(0, 0xFFFF), st.randoms(use_true_random=False))
def test_any_order_within_a_window_gives_the_frames_in_order(
    first: int, shuffle: random.Random
) -> None:
    packets = frames(12, first=first)
    mixed = packets[:1]
    for start in range(1, len(packets), 5):
        window = packets[start : start + 5]
        shuffle.shuffle(window)
        mixed += window
    taken = feed(MarkerJitterBuffer(HandClock()), mixed)
    assert taken == [(data_of(packets[i : i + 3]), True) for i in range(0, 36, 3)]


def test_a_late_packet_releases_every_frame_that_waited_for_it(buffer: MarkerJitterBuffer) -> None:
    packets = frames(5)
    missing = packets.pop(4)
    assert len(feed(buffer, packets)) == 1
    assert len(feed(buffer, [missing])) == 4


def test_duplicates_and_very_late_packets_change_nothing(buffer: MarkerJitterBuffer) -> None:
    packets = frames(60)
    feed(buffer, packets)
    assert feed(buffer, [packets[0], packets[150], packets[179]]) == []
    more = packet(180, 60, marker=True)
    assert feed(buffer, [more]) == [(data_of([more]), True)]


def test_padding_between_frames_is_no_frame(buffer: MarkerJitterBuffer) -> None:
    picture = packet(0, 0, marker=True)
    padding = [packet(1, 0, b""), packet(2, 0, b"")]
    following = packet(3, 1, marker=True)
    assert feed(buffer, [picture, *padding, following]) == [
        (data_of([picture]), True),
        (data_of([following]), True),
    ]


def test_padding_inside_a_frame_is_left_out(buffer: MarkerJitterBuffer) -> None:
    packets = [packet(0, 0), packet(1, 0, b""), packet(2, 0, marker=True)]
    assert feed(buffer, packets) == [(data_of(packets), True)]


def test_a_gap_is_given_up_after_a_while_and_the_next_frame_says_so(
    buffer: MarkerJitterBuffer, clock: HandClock
) -> None:
    packets = frames(6)
    del packets[4]
    assert len(feed(buffer, packets[:8])) == 1
    clock.seconds += GIVE_UP - 0.01
    assert not buffer.stalled()
    clock.seconds += 0.02
    assert buffer.stalled()
    buffer.give_up()
    assert not buffer.stalled()
    assert feed(buffer, packets[8:]) == [
        (data_of(packets[5:8]), False),
        (data_of(packets[8:11]), True),
        (data_of(packets[11:14]), True),
        (data_of(packets[14:17]), True),
    ]


def test_behind_a_gap_only_a_sure_beginning_counts(
    buffer: MarkerJitterBuffer, clock: HandClock
) -> None:
    packets = frames(3)
    lost_end_and_beginning = [packets[i] for i in (0, 1, 2, 3, 4, 7, 8)]
    feed(buffer, lost_end_and_beginning)
    clock.seconds += 1
    buffer.give_up()
    following = [packet(9, 3), packet(10, 3, marker=True)]
    assert feed(buffer, following) == [(data_of(following), False)]


def test_a_complete_key_frame_behind_a_gap_ends_the_wait(buffer: MarkerJitterBuffer) -> None:
    packets = frames(8)
    del packets[4]
    assert len(feed(buffer, packets)) == 1
    key = data_of(packets[14:17])
    asked: list[bytes] = []

    def is_key_frame(data: bytes) -> bool:
        asked.append(data)
        return data == key

    assert not buffer.skip_to(lambda _: False)
    assert buffer.skip_to(is_key_frame)
    assert asked[-1] == key
    frame = buffer.next_frame()
    assert frame is not None
    assert (frame.data, frame.intact) == (key, False)
    following = buffer.next_frame()
    assert following is not None
    assert following.intact
    assert not buffer.skip_to(is_key_frame)


def test_a_slow_sender_is_not_taken_for_a_stalled_one(
    buffer: MarkerJitterBuffer, clock: HandClock
) -> None:
    for p in frames(5, marked=False):
        clock.seconds += 2
        buffer.add(p)
        assert not buffer.stalled()


def test_a_leap_in_sequence_numbers_breaks_the_chain_but_not_the_stream(
    buffer: MarkerJitterBuffer, clock: HandClock
) -> None:
    feed(buffer, frames(2))
    leapt = [packet(20_000 + i, 10 + i, marker=True) for i in range(4)]
    taken = feed(buffer, leapt)
    clock.seconds += 1
    if buffer.stalled():
        buffer.give_up()
    taken += feed(buffer, [packet(20_004 + i, 14 + i, marker=True) for i in range(4)])
    assert not taken[0][1]
    assert taken[-1] == (b"20007 ", True)


class Reception:
    """A buffer and its NACKs, fed as the receiver feeds them."""

    def __init__(self, clock: HandClock) -> None:
        self.buffer = MarkerJitterBuffer(clock)
        self.nack = PatientNack(self.buffer, clock)
        self._clock = clock

    def arrives(self, *packets: RtpPacket) -> bool:
        shows_gap = False
        for p in packets:
            p.payload = p._data  # type: ignore[attr-defined]
            shows_gap = self.nack.add(p)
            self.buffer.add(p)
        return shows_gap

    def outstanding(self) -> list[int]:
        self._clock.seconds += 2 * SETTLED
        return self.nack.outstanding()


def test_a_missing_packet_is_asked_for_until_it_is_there_or_given_up(clock: HandClock) -> None:
    reception, packets = Reception(clock), frames(5)
    assert not reception.arrives(*packets[:4])
    assert reception.arrives(packets[5])
    assert reception.outstanding() == reception.outstanding() == [4]
    reception.arrives(packets[4])
    assert not reception.nack.incomplete
    reception.arrives(packets[7], packets[8])
    assert reception.outstanding() == [6]
    clock.seconds += 1
    reception.buffer.give_up()
    assert reception.outstanding() == []


def test_the_end_of_a_frame_is_suspected_lost_a_few_times(clock: HandClock) -> None:
    reception, packets = Reception(clock), frames(2)
    reception.arrives(*packets[:5])
    assert [reception.outstanding() for _ in range(TAIL_ASKS)] == [[5]] * TAIL_ASKS
    assert not reception.nack.incomplete
    reception.arrives(packets[5])
    assert reception.outstanding() == []


def test_nothing_is_asked_for_while_a_frame_is_just_arriving(clock: HandClock) -> None:
    reception, packets = Reception(clock), frames(2)
    reception.arrives(*packets[:4])
    assert reception.nack.outstanding() == []
    assert reception.nack.incomplete


def test_a_sender_without_markers_is_not_suspected(clock: HandClock) -> None:
    reception = Reception(clock)
    reception.arrives(*frames(3, marked=False))
    assert not reception.nack.incomplete


def test_a_leap_of_the_sequence_number_is_not_thirty_thousand_losses(clock: HandClock) -> None:
    reception = Reception(clock)
    reception.arrives(packet(0, 0, marker=True), packet(30_000, 1, marker=True))
    assert reception.outstanding() == []
