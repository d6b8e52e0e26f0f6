"""Whatever RTP and RTCP a peer sends, what is kept of it is bounded, and nothing raises."""

import struct
from collections.abc import AsyncIterator

import pytest
from aiortc.rtp import RtpPacket

from rtc_server.peer.rtp.fast_path import (
    MALFORMED,
    MAX_DATAGRAM,
    MAX_SOURCES,
    TOO_LARGE,
    UNKNOWN_SOURCE,
)
from rtc_server.peer.rtp.receiver import MAX_REPORTED, Statistics
from tests.fakes.rtp_lane import MEDIA, REPAIRS, RTX, VP8, Lane, rtp


@pytest.fixture
async def lane() -> AsyncIterator[Lane]:
    made = Lane()
    await made.begin()
    yield made
    await made.receiver.stop()


async def test_repairs_of_unknown_sources_cost_nothing_and_are_counted(lane: Lane) -> None:
    for number in range(2000):
        assert lane.take(rtp(5000 + number, number, RTX, b"\x32\x00\x00\x01"))
    assert lane.refused == [UNKNOWN_SOURCE] * 2000
    assert lane.keys.sources == set()
    assert lane.receiver._reported == {}


async def test_sources_are_few_in_all(lane: Lane) -> None:
    for number in range(500):
        lane.clock.seconds += 2.0
        assert lane.take(rtp(5000 + number, number, extension=b"\x32\x00\x00\x01"))
    assert len(lane.keys.sources) == MAX_SOURCES
    assert len(lane.receiver._reported) <= MAX_REPORTED
    assert len(lane.receiver._estimator._estimator.ssrcs) <= MAX_SOURCES
    assert len(lane.transport._rtp_router.ssrc_table) <= 2


async def test_reports_of_unknown_sources_are_few(lane: Lane) -> None:
    for number in range(500):
        report = struct.pack("!BBHLQLLL", 0x80, 200, 6, number, 1 << 40, 0, 0, 0)
        assert lane.take(report)
    assert len(lane.keys.sources) == MAX_SOURCES
    assert lane.receiver._reports == {}
    assert lane.refused == [UNKNOWN_SOURCE] * (500 - MAX_SOURCES)


async def test_a_report_on_the_stream_is_answered(lane: Lane) -> None:
    lane.take(rtp(MEDIA))
    lane.take(struct.pack("!BBHLQLLL", 0x80, 200, 6, MEDIA, 0x1234_5678 << 16, 0, 0, 0))
    assert lane.receiver._reports == {MEDIA: 0x1234_5678}


async def test_repairs_of_the_stream_are_taken(lane: Lane) -> None:
    assert lane.take(rtp(REPAIRS, 1, RTX))
    assert lane.refused == []
    assert set(lane.receiver._reported) == {REPAIRS}


@pytest.mark.parametrize(
    "datagram",
    [
        b"\x80",
        b"\x80\x60",
        b"\x80\xc8",
        b"\x80\xc8\x00\x01\x00\x00\x00\x01",
        b"\x80\xc8\xff\xff\x00\x00\x00\x01",
        b"\x9f\xc9\x00\x01\x00\x00\x00\x01",
        b"\x81\xcb\x00\x00\x00\x00\x00\x01",
        b"\x81\xca\x00\x02\x00\x00\x00\x01\x01\xff\x00\x00",
        b"\x81\xcd\x00\x01\x00\x00\x00\x01",
        b"\x8f\xce\x00\x02\x00\x00\x00\x01REMB",
        rtp(MEDIA, extension=b"\x30\xff\x00\x00"),
        rtp(MEDIA, extension=b"\x33\xff\x00\x00\x00\x00\x00\x00"),
        rtp(MEDIA)[:14],
        bytes([0xB0]) + rtp(MEDIA)[1:],
    ],
    ids=str,
)
async def test_odd_packets_raise_nothing(lane: Lane, datagram: bytes) -> None:
    assert lane.take(datagram)
    assert lane.take(rtp(MEDIA))
    assert MEDIA in lane.receiver._reported


async def test_what_is_larger_than_the_internet_carries_is_dropped(lane: Lane) -> None:
    assert lane.take(rtp(MEDIA) + bytes(MAX_DATAGRAM))
    assert lane.refused == [TOO_LARGE]


async def test_an_empty_datagram_is_nobodys_sign_of_life(lane: Lane) -> None:
    assert lane.take(b"")
    assert lane.heard == 0


def record(kind: int, size: int) -> bytes:
    return bytes([kind, 0xFE, 0xFD]) + bytes(8) + struct.pack("!H", size) + bytes(size)


async def test_records_that_would_pile_up_behind_a_first_are_dropped(lane: Lane) -> None:
    assert not lane.take(record(23, 40))
    assert not lane.take(record(22, 90) + record(20, 1) + record(22, 40) + record(23, 40))
    assert lane.take(record(23, 1) * 30)
    assert lane.take(record(22, 4) + record(23, 1) + record(23, 1))
    assert lane.refused == [MALFORMED] * 2


@pytest.mark.parametrize("timestamp", [0, 1 << 31, (1 << 32) - 1])
def test_every_report_fits_into_its_fields(timestamp: int) -> None:
    statistics = Statistics(90_000)
    for number in range(0, 60_000, 500):
        stamp = timestamp if number % 1000 else 0
        statistics.add(RtpPacket(VP8, 0, number, stamp, MEDIA, b"x"))
    statistics.fraction_lost  # noqa: B018 - since the last report
    statistics.add(RtpPacket(VP8, 0, 63_000, 1, MEDIA, b"x"))
    statistics.packets_received -= 1
    assert 0 <= statistics.fraction_lost <= 0xFF
    assert 0 <= statistics.jitter <= 0xFFFFFFFF


async def test_receiving_ends_though_the_reports_failed(lane: Lane) -> None:
    lane.take(rtp(MEDIA))
    lane.receiver._reported[MEDIA].base_seq = None
    task = lane.receiver._RTCRtpReceiver__rtcp_task  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        await task
    await lane.receiver.stop()
