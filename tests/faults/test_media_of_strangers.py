"""Whatever RTP and RTCP a peer sends, what is kept of it is bounded, and nothing raises."""

import struct
from typing import Any, cast

import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpDecodingParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpRtxParameters,
)
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import RtpPacket

from rtc_server.peer.loop_share import LoopShare
from rtc_server.peer.rtp.fast_path import (
    MALFORMED,
    MAX_DATAGRAM,
    MAX_SOURCES,
    TOO_LARGE,
    UNKNOWN_SOURCE,
    RtpFastPath,
)
from rtc_server.peer.rtp.receiver import MAX_REPORTED, Statistics, VideoReceiver
from tests.fakes.clock import HandClock

VP8, RTX = 96, 97
MEDIA, REPAIRS = 1111, 2222
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


class Plain:
    """SRTP without keys; knows which sources libsrtp was shown."""

    def __init__(self) -> None:
        self.sources: set[int] = set()

    def unprotect(self, datagram: bytes) -> bytes:
        self.sources.add(struct.unpack_from("!L", datagram, 8)[0])
        return datagram

    def unprotect_rtcp(self, datagram: bytes) -> bytes:
        if len(datagram) < 8:
            raise pylibsrtp.Error("too short")
        self.sources.add(struct.unpack_from("!L", datagram, 4)[0])
        return datagram


class Lane:
    """A receiver that has begun, and the way of datagrams to it."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.refused: list[str] = []
        self.heard = 0
        self.keys = Plain()
        self.sent: list[bytes] = []
        ice = RTCIceTransport(RTCIceGatherer(iceServers=[]))
        self.transport = RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()])
        self.receiver = VideoReceiver(self.transport, self.clock)
        self.share = LoopShare(self.clock, self.refused.append, cpu=lambda: 0.0)
        self.lane = RtpFastPath(self.transport, self._hear, self.share)

    async def begin(self) -> None:
        async def keep(data: bytes) -> None:
            self.sent.append(data)

        self.transport._send_rtp = keep  # type: ignore[method-assign]
        self.transport._rx_srtp = cast("Any", self.keys)
        self.receiver._set_rtcp_ssrc(1)
        self.receiver._track = RemoteStreamTrack("video")
        feedback = [RTCRtcpFeedback("nack"), RTCRtcpFeedback("goog-remb")]
        await self.receiver.receive(
            RTCRtpReceiveParameters(
                codecs=[
                    RTCRtpCodecParameters("video/VP8", 90_000, None, VP8, feedback),
                    RTCRtpCodecParameters("video/rtx", 90_000, None, RTX, [], {"apt": VP8}),
                ],
                headerExtensions=[RTCRtpHeaderExtensionParameters(3, ABS_SEND_TIME)],
                encodings=[RTCRtpDecodingParameters(MEDIA, VP8, RTCRtpRtxParameters(REPAIRS))],
            )
        )

    def take(self, datagram: bytes) -> bool:
        return self.lane.take(datagram)

    def _hear(self) -> None:
        self.heard += 1


@pytest.fixture
async def lane() -> Any:  # noqa: ANN401 - pytest's generator
    made = Lane()
    await made.begin()
    yield made
    await made.receiver.stop()


def rtp(ssrc: int, number: int = 0, payload_type: int = VP8, extension: bytes = b"") -> bytes:
    packet = RtpPacket(payload_type, 0, number & 0xFFFF, 90 * number, ssrc, b"\x10" + bytes(20))
    plain = bytes(packet.serialize())
    if not extension:
        return plain
    head = struct.pack("!HH", 0xBEDE, len(extension) // 4)
    return bytes([plain[0] | 0x10]) + plain[1:12] + head + extension + plain[12:]


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
