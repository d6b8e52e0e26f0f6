"""What is no whole packet of a known stream is dropped, and never raises."""

from typing import cast

import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from rtc_server.peer.lane import MediaLane

ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


class Plain:
    """SRTP without keys."""

    def unprotect(self, datagram: bytes) -> bytes:
        if datagram.endswith(b"forged"):
            raise pylibsrtp.Error("authentication failed")
        return datagram


class Transport:
    """What the lane looks at of a transport, with its keys or before."""

    def __init__(self, keys: Plain | None) -> None:
        self.heard = 0
        self._rx_srtp = keys
        self._rtp_router = RtpRouter()
        self._rtp_header_extensions_map = HeaderExtensionsMap()
        extension = RTCRtpHeaderExtensionParameters(id=3, uri=ABS_SEND_TIME)
        self._rtp_header_extensions_map.configure(RTCRtpParameters(headerExtensions=[extension]))

    def lane(self) -> MediaLane:
        return MediaLane(cast("RTCDtlsTransport", self), self.hear)

    def hear(self) -> None:
        self.heard += 1


RTP = bytes(RtpPacket(payload_type=97, sequence_number=1, ssrc=5, payload=b"picture").serialize())


@pytest.mark.parametrize(
    "datagram",
    [
        RTP,
        RTP[:7],
        RTP + b"forged",
        b"\x90" + RTP[1:12] + b"\xbe\xde\x00\x01\x30\xff\x00\x00",
        b"\xa0" + RTP[1:12] + b"\x00",
        b"\x8f" + RTP[1:],
        b"\x80\x61",
    ],
    ids=["of nobody", "short", "forged", "extension", "padding", "sources", "tiny"],
)
def test_media_are_taken_and_bad_ones_dropped(datagram: bytes) -> None:
    transport = Transport(Plain())
    assert transport.lane().take(datagram)
    assert transport.heard == 1


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\x16\xfe\xfd", b"\x80\xc8\x00\x06" + bytes(24)],
    ids=["empty", "DTLS", "RTCP"],
)
def test_the_rest_is_left_to_aiortc(datagram: bytes) -> None:
    assert not Transport(Plain()).lane().take(datagram)


def test_before_the_keys_are_there_everything_is_left_to_aiortc() -> None:
    assert not Transport(None).lane().take(RTP)
