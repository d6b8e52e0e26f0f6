"""The short way of media: from the socket to the receiver in one call."""

import struct
import time
from collections.abc import Callable

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtpPacket, is_rtcp

from rtc_server.peer.receiver import VideoReceiver

_SRTP = range(128, 192)
"""First bytes of RTP and RTCP (RFC 7983 section 7)."""


class MediaLane:
    """Takes RTP out of the datagrams of one transport.

    In aiortc a packet goes through a queue, a task's wake-up and five coroutines: a third of what
    Python does for a session. What is not RTP, or comes before the keys are there, still goes
    that way.
    """

    def __init__(self, transport: RTCDtlsTransport, heard: Callable[[], None]) -> None:
        """``heard`` is called for each datagram of media or data."""
        self._transport = transport
        self._heard = heard

    def take(self, datagram: bytes) -> bool:
        """Whether the datagram was RTP and has been dealt with; raises nothing."""
        self._heard()
        keys: pylibsrtp.Session | None = self._transport._rx_srtp
        if keys is None or not datagram or datagram[0] not in _SRTP or is_rtcp(datagram):
            return False
        try:
            plain = keys.unprotect(datagram)
            packet = RtpPacket.parse(plain, self._transport._rtp_header_extensions_map)
        except (pylibsrtp.Error, ValueError, struct.error):
            return True
        receiver = self._transport._rtp_router.route_rtp(packet)
        if isinstance(receiver, VideoReceiver):
            receiver.take(packet, int(time.time() * 1000))
        return True
