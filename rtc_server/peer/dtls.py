"""The DTLS transport of one connection, with datagrams that fit a small path; in a worker's loop.

A tunnel and IPv6 have paths of 1280 bytes. aiortc hands on what OpenSSL wrote in pieces of 1500:
more than fits there, and where a flight is longer, cut in the middle of a record. Here all of it
goes, at once, in datagrams of whole records.
"""

from collections.abc import Iterator

from aiortc.rtcdtlstransport import RTCDtlsTransport
from OpenSSL import SSL

MAX_DATAGRAM = 1200
"""Bytes: 1280 less the headers of IPv6, UDP and a TURN channel."""
_HEADER = 13
"""Bytes of a record's header (RFC 6347, section 4.1); the last two are its length."""
_EVERYTHING = 1 << 16


class DtlsTransport(RTCDtlsTransport):
    """aiortc's transport, which sends no datagram beyond ``MAX_DATAGRAM`` by itself."""

    @classmethod
    def adopt(cls, made: RTCDtlsTransport) -> None:
        """Make what aiortc made one of these; before it starts."""
        made.__class__ = cls

    async def _write_ssl(self) -> None:
        """Send what OpenSSL wrote."""
        for datagram in datagrams(self._written()):
            await self.transport._send(datagram)

    def _written(self) -> bytes:
        written = bytearray()
        while self._ssl is not None:
            try:
                written += self._ssl.bio_read(_EVERYTHING)
            except SSL.Error:  # nothing more
                break
        return bytes(written)


def datagrams(written: bytes) -> Iterator[bytes]:
    """Cut what OpenSSL wrote between records; one that is larger by itself goes alone."""
    begin = at = 0
    while at < len(written):
        end = at + _HEADER + int.from_bytes(written[at + _HEADER - 2 : at + _HEADER], "big")
        if begin < at and end - begin > MAX_DATAGRAM:
            yield written[begin:at]
            begin = at
        at = end
    if begin < len(written):
        yield written[begin:]
