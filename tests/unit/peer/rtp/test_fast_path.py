"""What is no whole packet of a known stream is dropped, counted, and never raises."""

from typing import cast

import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from rtc_server.peer.loop_share import LoopShare
from rtc_server.peer.rtp.fast_path import BATCH, EARLY_PACKETS, RtpFastPath
from rtc_server.peer.rtp.receiver import VideoReceiver
from tests.eventually import eventually
from tests.fakes.clock import HandClock

ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
VP8 = 97


class Plain:
    """SRTP without keys."""

    def unprotect(self, datagram: bytes) -> bytes:
        if datagram.endswith(b"forged"):
            raise pylibsrtp.Error("authentication failed")
        return datagram

    def unprotect_rtcp(self, datagram: bytes) -> bytes:
        return self.unprotect(datagram)


class Receiver(VideoReceiver):
    """Remembers what it is given."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.arrivals: list[int] = []

    def take(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.numbers.append(packet.sequence_number)
        self.arrivals.append(arrival_time_ms)

    def may_begin(self, ssrc: int, number: int) -> bool:
        return number == VP8 and ssrc >= 0


class Transport:
    """What the lane looks at of a transport: made before its keys, and before its receiver."""

    def __init__(self) -> None:
        self.heard = 0
        self.refused: list[str] = []
        self._rx_srtp: Plain | None = None
        self._rtp_router = RtpRouter()
        self._rtp_header_extensions_map = HeaderExtensionsMap()
        extension = RTCRtpHeaderExtensionParameters(id=3, uri=ABS_SEND_TIME)
        self._rtp_header_extensions_map.configure(RTCRtpParameters(headerExtensions=[extension]))

    def lane(self) -> RtpFastPath:
        share = LoopShare(HandClock(), self.refused.append)
        return RtpFastPath(cast("RTCDtlsTransport", self), self.hear, share)

    def hear(self) -> None:
        self.heard += 1

    def get_keys(self) -> None:
        self._rx_srtp = Plain()

    def get_receiver(self) -> Receiver:
        receiver = Receiver()
        self._rtp_router.register_receiver(receiver, ssrcs=[], payload_types=[VP8])
        return receiver


def rtp(number: int, payload_type: int = VP8) -> bytes:
    packet = RtpPacket(
        payload_type=payload_type, sequence_number=number, ssrc=payload_type, payload=b"picture"
    )
    return bytes(packet.serialize())


@pytest.fixture
def transport() -> Transport:
    return Transport()


@pytest.fixture
def receiver(transport: Transport) -> Receiver:
    """Of a transport that has its keys."""
    transport.get_keys()
    return transport.get_receiver()


def test_media_reach_their_receiver(transport: Transport, receiver: Receiver) -> None:
    lane = transport.lane()
    assert lane.take(rtp(1))
    assert lane.take(rtp(2))
    assert receiver.numbers == [1, 2]
    assert transport.heard == 2


@pytest.mark.parametrize(
    "datagram",
    [
        rtp(1, VP8 + 1),
        rtp(1)[:7],
        rtp(1) + b"forged",
        b"\x90" + rtp(1)[1:12] + b"\xbe\xde\x00\x01\x30\xff\x00\x00",
        b"\xa0" + rtp(1)[1:12] + b"\x00",
        b"\x8f" + rtp(1)[1:],
        b"\x80\x61",
    ],
    ids=["of nobody", "short", "forged", "extension", "padding", "sources", "tiny"],
)
def test_bad_media_are_dropped(transport: Transport, receiver: Receiver, datagram: bytes) -> None:
    lane = transport.lane()
    assert lane.take(datagram)
    assert lane.take(rtp(2))
    assert receiver.numbers == [2]


@pytest.mark.parametrize(
    "datagram",
    [b"\x16\xfe\xfd", b"\x17\xfe\xfd" + bytes(8) + b"\x00\x01?"],
    ids=["handshake", "data"],
)
def test_the_rest_is_left_to_aiortc(
    transport: Transport, receiver: Receiver, datagram: bytes
) -> None:
    assert not transport.lane().take(datagram)
    assert receiver.numbers == []


def test_media_wait_for_the_keys_and_for_the_receiver(transport: Transport) -> None:
    lane = transport.lane()
    assert lane.take(rtp(1))
    transport.get_keys()
    assert lane.take(rtp(2))
    receiver = transport.get_receiver()
    assert lane.take(rtp(3))
    assert receiver.numbers == [1, 2, 3]
    assert receiver.arrivals == sorted(receiver.arrivals)


async def test_what_waits_is_bounded(transport: Transport) -> None:
    lane = transport.lane()
    for number in range(EARLY_PACKETS + 10):
        lane.take(rtp(number))
    transport.get_keys()
    receiver = transport.get_receiver()
    lane.take(rtp(EARLY_PACKETS + 10))
    assert len(receiver.numbers) == BATCH
    await eventually(lambda: len(receiver.numbers) == EARLY_PACKETS, 5, "the rest was read")
    assert receiver.numbers == list(range(11, EARLY_PACKETS + 11))
