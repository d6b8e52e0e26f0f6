"""The short way of media: from the socket to the receiver in one call.

Runs in the worker's event loop. Everything that a peer sends passes here first: what is too much,
too large or of nobody is dropped before a library sees it.
"""

import asyncio
import struct
import time
from collections import deque
from collections.abc import Callable

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtcpPacket, RtcpSrPacket, RtpPacket, is_rtcp

from rtc_server.peer.loop_share import LoopShare
from rtc_server.peer.rtp.receiver import VideoReceiver

_SRTP = range(128, 192)
"""First bytes of RTP and RTCP (RFC 7983 section 7)."""
_DTLS = range(20, 64)
_APPLICATION_DATA = 23
_RECORD_HEADER = 13
EARLY_PACKETS = 256
"""Packets that are held until they can be read: more than a second of the best video."""
BATCH = 32
"""Of these are read in one call."""
MAX_DATAGRAM = 2048
"""Bytes; what goes through the internet has 1500 at most."""
MAX_SOURCES = 16
"""SSRCs of a connection, in all its time: libsrtp keeps each in a list that it searches."""
UNKNOWN_SOURCE, MALFORMED, TOO_LARGE = "rtp_unknown_source", "rtp_malformed", "datagram_too_large"
"""What dropped packets are counted as."""

_ODD = (ArithmeticError, LookupError, TypeError, ValueError, pylibsrtp.Error, struct.error)
"""What libsrtp and aiortc raise on packets that they did not expect."""


class RtpFastPath:
    """Takes RTP and RTCP out of the datagrams of one transport.

    In aiortc a packet goes through a queue, a task's wake-up and five coroutines: a third of what
    Python does for a session. What is DTLS still goes that way.

    A publisher may end the DTLS handshake before this side has. aiortc drops what it sends in that
    moment, the first key frame with it; some publishers, FFmpeg among them, make no other when
    asked. Here it waits for the keys and the receiver.
    """

    def __init__(
        self, transport: RTCDtlsTransport, heard: Callable[[], None], share: LoopShare
    ) -> None:
        """``heard`` is called for each datagram of media or data; ``share`` counts them."""
        self._transport = transport
        self._heard = heard
        self._share = share
        self._sources: set[int] = set()
        self._arrived: deque[tuple[bytes, int]] = deque(maxlen=EARLY_PACKETS)
        self._reading: asyncio.Handle | None = None

    def take(self, datagram: bytes) -> bool:
        """Whether nothing more is to be done about the datagram; raises nothing."""
        if not datagram:
            return True  # aiortc looks for its first byte
        self._heard()
        if not self._share.admits(len(datagram)):
            return True
        if len(datagram) > MAX_DATAGRAM:
            self._share.refused(TOO_LARGE)
            return True
        if datagram[0] in _DTLS:
            return self._hides_records(datagram)
        if datagram[0] not in _SRTP:
            return False
        self._arrived.append((datagram, int(time.time() * 1000)))
        self._read_some()
        return True

    def _read_some(self) -> None:
        """Read what has arrived, as soon as it can be; the rest of much of it in a next call."""
        keys: pylibsrtp.Session | None = self._transport._rx_srtp
        if keys is None or not self._transport._rtp_router.receivers:
            return
        began = self._share.begin()
        for _ in range(min(BATCH, len(self._arrived))):
            self._read(keys, *self._arrived.popleft())
        self._share.end(began)
        if self._arrived and self._reading is None:
            self._reading = asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        self._reading = None
        self._read_some()

    def _read(self, keys: pylibsrtp.Session, datagram: bytes, arrival_time_ms: int) -> None:
        """Decrypt and parse a packet, and hand it to its receiver; drop what is none."""
        try:
            if is_rtcp(datagram):
                self._read_reports(keys, datagram)
            else:
                self._read_media(keys, datagram, arrival_time_ms)
        except _ODD:
            self._share.refused(MALFORMED)

    def _read_media(self, keys: pylibsrtp.Session, datagram: bytes, arrival_time_ms: int) -> None:
        number = datagram[1] & 0x7F
        (source,) = struct.unpack_from("!L", datagram, 8)
        receivers = self._transport._rtp_router.payload_type_table.get(number)
        receiver = next(iter(receivers), None) if receivers else None
        if not isinstance(receiver, VideoReceiver) or not self._knows(source, receiver, number):
            self._share.refused(UNKNOWN_SOURCE)
            return
        plain = keys.unprotect(datagram)
        self._sources.add(source)
        packet = RtpPacket.parse(plain, self._transport._rtp_header_extensions_map)
        receiver.take(packet, arrival_time_ms)

    def _read_reports(self, keys: pylibsrtp.Session, datagram: bytes) -> None:
        (source,) = struct.unpack_from("!L", datagram, 4)
        if source not in self._sources and len(self._sources) >= MAX_SOURCES:
            self._share.refused(UNKNOWN_SOURCE)
            return
        plain = keys.unprotect_rtcp(datagram)
        self._sources.add(source)
        for packet in RtcpPacket.parse(plain):
            if isinstance(packet, RtcpSrPacket):
                for receiver in self._transport._rtp_router.receivers:
                    if isinstance(receiver, VideoReceiver):
                        receiver.note_report(packet)

    def _knows(self, source: int, receiver: VideoReceiver, number: int) -> bool:
        """Whether a packet of this source can be of use."""
        if source in self._sources:
            return True
        return receiver.may_begin(source, number) and len(self._sources) < MAX_SOURCES

    def _hides_records(self, datagram: bytes) -> bool:
        """Whether more than one record of data is in it: aiortc would read the first alone.

        The others would wait in OpenSSL's buffer, which has no bound.
        """
        at = count = 0
        while at + _RECORD_HEADER <= len(datagram) and count <= 1:
            count += datagram[at] == _APPLICATION_DATA
            at += _RECORD_HEADER + int.from_bytes(datagram[at + 11 : at + 13], "big")
        if count > 1:
            self._share.refused(MALFORMED)
        return count > 1
