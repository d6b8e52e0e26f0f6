"""The other end of an SCTP association: any chunks that it likes, with a right checksum."""

import struct
from typing import Any

from aiortc import RTCSctpTransport
from google_crc32c import value as crc32c

from rtc_server.peer.association import (
    MAX_HELD,
    MAX_OUT_OF_ORDER,
    MAX_STREAMS,
    MAX_UNSENT,
    Association,
)
from rtc_server.peer.loop_share import LoopShare
from tests.fakes.clock import HandClock

PORT = 5000
FIRST, LAST, UNORDERED = 2, 1, 4
WHOLE = FIRST | LAST


class Wire:
    """What the association sees of DTLS; keeps what is sent."""

    def __init__(self) -> None:
        self.state = "connected"
        self._role = "server"
        self.sent: list[bytes] = []

    async def _send_data(self, data: bytes) -> None:
        self.sent.append(data)

    def _register_data_receiver(self, _receiver: object) -> None:
        pass


class SctpPeer:
    """Talks to an association that is established; the next number that it expects is 1."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.refused: list[str] = []
        self.held: list[float] = []
        self.share = LoopShare(HandClock(), self.refused.append, self.held.append)
        wire: Any = self.wire
        made = RTCSctpTransport(wire, PORT)
        Association.adopt(made, self.share)
        made._remote_port = PORT
        made._last_received_tsn = 0
        made._ssthresh = 1 << 16
        made._set_state(made.State.ESTABLISHED)
        self.association = made

    async def send(self, *chunks: bytes) -> None:
        """Send one packet."""
        await self.association._handle_data(self.packet(*chunks))

    async def give(self, packet: bytes) -> None:
        """Give it any bytes as a packet; what it keeps then is bounded."""
        made = self.association
        await made._handle_data(packet)
        streams = made._inbound_streams.values()
        assert sum(len(stream.reassembly) for stream in streams) <= MAX_HELD
        assert len(made._sack_misordered) <= MAX_OUT_OF_ORDER
        assert max(len(streams), len(made._data_channels)) <= MAX_STREAMS
        assert len(made._data_channel_queue) <= MAX_UNSENT + 1

    def close(self) -> None:
        """End its timers."""
        self.association._set_state(self.association.State.CLOSED)

    def packet(self, *chunks: bytes) -> bytes:
        """One packet, as it goes through DTLS."""
        head = struct.pack("!HHL", PORT, PORT, self.association._local_verification_tag)
        body = b"".join(chunks)
        return head + struct.pack("<L", crc32c(head + bytes(4) + body)) + body


def chunk(kind: int, body: bytes, flags: int = 0, length: int | None = None) -> bytes:
    """Any chunk; ``length``: what its header says, where that is not true."""
    told = len(body) + 4 if length is None else length
    return struct.pack("!BBH", kind, flags, told) + body + bytes(-len(body) % 4)


def data(
    tsn: int,
    user_data: bytes = b"x",
    *,
    flags: int = WHOLE | UNORDERED,
    stream: int = 0,
    sequence: int = 0,
    protocol: int = 51,
) -> bytes:
    """A DATA chunk."""
    head = struct.pack("!LHHL", tsn & 0xFFFFFFFF, stream, sequence & 0xFFFF, protocol)
    return chunk(0, head + user_data, flags)


def sack(cumulative: int, gaps: list[tuple[int, int]]) -> bytes:
    """A SACK chunk."""
    head = struct.pack("!LLHH", cumulative & 0xFFFFFFFF, 1 << 17, len(gaps), 0)
    return chunk(3, head + b"".join(struct.pack("!HH", *gap) for gap in gaps))


def forward_tsn(cumulative: int, streams: list[int]) -> bytes:
    """A FORWARD TSN chunk."""
    skipped = b"".join(struct.pack("!HH", stream, 1) for stream in streams)
    return chunk(192, struct.pack("!L", cumulative) + skipped)


def open_channel(tsn: int, stream: int, label: bytes = b"other") -> bytes:
    """A channel's opening (RFC 8832)."""
    message = struct.pack("!BBHLHH", 3, 0, 0, 0, len(label), 0) + label
    return data(tsn, message, stream=stream, protocol=50)
