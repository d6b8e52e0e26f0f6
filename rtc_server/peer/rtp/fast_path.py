"""The short way of media: from the socket to the receiver in one call."""

import struct
import time
from collections import deque
from collections.abc import Callable

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtpPacket, is_rtcp

from rtc_server.peer.rtp.receiver import VideoReceiver

_SRTP = range(128, 192)
"""First bytes of RTP and RTCP (RFC 7983 section 7)."""
EARLY_PACKETS = 256
"""Packets that are held until they can be read: more than a second of the best video."""


class RtpFastPath:
    """Takes RTP out of the datagrams of one transport.

    In aiortc a packet goes through a queue, a task's wake-up and five coroutines: a third of what
    Python does for a session. What is not RTP still goes that way.

    A publisher may end the DTLS handshake before this side has. aiortc drops what it sends in that
    moment, the first key frame with it; some publishers, FFmpeg among them, make no other when
    asked. Here it waits for the keys and the receiver.
    """

    def __init__(self, transport: RTCDtlsTransport, heard: Callable[[], None]) -> None:
        """``heard`` is called for each datagram of media or data."""
        self._transport = transport
        self._heard = heard
        self._arrived: deque[tuple[bytes, int]] = deque(maxlen=EARLY_PACKETS)

    def take(self, datagram: bytes) -> bool:
        """Whether the datagram is RTP, which is then dealt with here; raises nothing."""
        self._heard()
        if not datagram or datagram[0] not in _SRTP or is_rtcp(datagram):
            return False
        self._arrived.append((datagram, int(time.time() * 1000)))
        keys: pylibsrtp.Session | None = self._transport._rx_srtp
        if keys is not None and self._transport._rtp_router.receivers:
            while self._arrived:
                self._read(keys, *self._arrived.popleft())
        return True

    def _read(self, keys: pylibsrtp.Session, datagram: bytes, arrival_time_ms: int) -> None:
        """Decrypt and parse a packet, and hand it to its receiver; drop what is none."""
        try:
            plain = keys.unprotect(datagram)
            packet = RtpPacket.parse(plain, self._transport._rtp_header_extensions_map)
        except (pylibsrtp.Error, ValueError, struct.error):
            return
        receiver = self._transport._rtp_router.route_rtp(packet)
        if isinstance(receiver, VideoReceiver):
            receiver.take(packet, arrival_time_ms)
