"""A receiver of video that has begun, and the way of datagrams to it: SRTP without keys."""

import struct
from typing import Any, cast

import pylibsrtp
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
from rtc_server.peer.rtp.fast_path import MAX_SOURCES, RtpFastPath
from rtc_server.peer.rtp.receiver import MAX_REPORTED, VideoReceiver
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

    def check(self) -> None:
        """What is kept is bounded, and fits into reports."""
        reported = self.receiver._reported
        assert len(self.keys.sources) <= MAX_SOURCES
        assert len(reported) <= MAX_REPORTED
        for statistics in reported.values():
            assert 0 <= statistics.fraction_lost <= 0xFF
            assert 0 <= statistics.jitter <= 0xFFFFFFFF

    def take(self, datagram: bytes) -> bool:
        return self.lane.take(datagram)

    def _hear(self) -> None:
        self.heard += 1


def rtp(ssrc: int, number: int = 0, payload_type: int = VP8, extension: bytes = b"") -> bytes:
    packet = RtpPacket(payload_type, 0, number & 0xFFFF, 90 * number, ssrc, b"\x10" + bytes(20))
    plain = bytes(packet.serialize())
    if not extension:
        return plain
    head = struct.pack("!HH", 0xBEDE, len(extension) // 4)
    return bytes([plain[0] | 0x10]) + plain[1:12] + head + extension + plain[12:]
