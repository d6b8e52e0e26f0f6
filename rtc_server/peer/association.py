"""The SCTP association of one connection: quicker than aiortc's after losses, and bounded.

Runs in the worker's event loop. aiortc 1.16 keeps every chunk that comes before its turn, every
fragment and every stream in lists that it goes through for each further chunk, walks every number
of a SACK's gaps, does not get on over a parameter without a length, and lets the exceptions of odd
chunks end the connection with a traceback. What a peer can make of that is bounded here, before
aiortc sees it; it can go when aiortc bounds the same.
"""

import struct

from aiortc import RTCSctpTransport
from aiortc.rtcsctptransport import (
    DATA_CHANNEL_OPEN,
    SCTP_TSN_MODULO,
    WEBRTC_DCEP,
    DataChunk,
    ForwardTsnChunk,
    SackChunk,
)

from rtc_server.peer.loop_share import LoopShare

SETUP_PAUSE = 0.2
"""Seconds after which INIT or COOKIE ECHO is sent again for the first time; aiortc's are 3."""
SETUP_BACKOFF = 1.5
"""The ninth and last is sent 10 s after the first."""
RTO_MIN = 0.3
"""Seconds; browsers hold an acknowledgement back for up to 0.2. aiortc has the 1 s of RFC 9260."""
RTO_MAX = 10.0
CWND_MIN = 3 * 1200
"""Bytes; aiortc begins with them, and has 1200 after each timeout: two messages."""

MAX_OUT_OF_ORDER = 128
"""Chunks that may wait for one before them: what a browser sends in a second of a bad network."""
MAX_AHEAD = 4096
"""Numbers by which one may run ahead; a SACK can tell of 65,535."""
MAX_HELD = 256
"""Chunks of unfinished messages: the longest message that the answer allows (256 KB) has 224."""
MAX_STREAMS = 16
"""Streams, and channels; two are used."""
MAX_CHUNKS = 128
"""Of a datagram."""
MAX_CONTROL_CHUNKS = 8
"""Of a datagram, beside data."""
MAX_GAPS = 4096
"""Numbers that the gaps of a SACK may name."""
MAX_UNSENT = 128
"""Messages that wait to be sent before no further channel is opened."""

OUT_OF_ORDER, HELD, STREAMS = "sctp_out_of_order", "sctp_fragments", "sctp_streams"
MALFORMED = "sctp_malformed"
"""What dropped chunks are counted as."""

_ODD = (
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    UnicodeDecodeError,
    ValueError,
    struct.error,
)
"""What aiortc raises on chunks that it did not expect."""
_HEADER, _COMMON = 4, 12
_DATA = 0
_PARAMETERS = {1: 16, 2: 16, 4: 0, 5: 0, 6: 0, 9: 0, 130: 0}
"""Chunk types made of parameters, and the place of the first: INIT, INIT ACK, HEARTBEAT, …"""


class Association(RTCSctpTransport):
    """aiortc's transport with timers for people who wait, and bounds for those who attack.

    Of the four packets that set an association up one in 5 may be lost: with RFC 9260's timers,
    made for telephone exchanges, every second connection then takes three seconds longer.
    """

    _share: LoopShare

    @classmethod
    def adopt(cls, made: RTCSctpTransport, share: LoopShare) -> None:
        """Make what aiortc made one of these; before it starts.

        ``share`` counts what it costs, and hears what is dropped.
        """
        made.__class__ = cls
        made._rto = SETUP_PAUSE
        made.__dict__["_share"] = share

    # ------------------------------------------------------------ timers

    def _t1_expired(self) -> None:
        self._rto = min(RTO_MAX, self._rto * SETUP_BACKOFF)
        super()._t1_expired()

    def _t3_expired(self) -> None:
        """Keep the window that an association begins with.

        What is sent here are 8 KB a second. In a window of two messages the third waits for the
        acknowledgement of the first, and on a network that loses packets newer ones overtake it.
        """
        super()._t3_expired()
        self._cwnd = max(self._cwnd, CWND_MIN)

    def _update_rto(self, R: float) -> None:  # noqa: N803 - aiortc's name
        super()._update_rto(R)
        measured = (self._srtt or R) + 4 * (self._rttvar or 0.0)
        self._rto = min(RTO_MAX, max(RTO_MIN, measured))

    # ------------------------------------------------------------ what comes

    async def _handle_data(self, data: bytes) -> None:
        """Take a datagram; nothing in it raises."""
        began = self._share.begin()
        try:
            if is_sound(data):
                await super()._handle_data(data)
            else:
                self._share.refused(MALFORMED)
        except _ODD:
            self._share.refused(MALFORMED)
        finally:
            self._share.end(began)

    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        """Take a chunk for which there is room; another stays unacknowledged, and comes again."""
        ahead = (chunk.tsn - self._last_received_tsn) % SCTP_TSN_MODULO
        if not chunk.user_data:  # RFC 9260 section 6.2: an error of the sender
            self._share.refused(MALFORMED)
        elif not self._has_turn(ahead):
            self._drop(OUT_OF_ORDER)
        elif self._held() >= MAX_HELD:
            self._drop(HELD)
        elif self._is_of_a_stream(chunk.stream_id):
            await super()._receive_data_chunk(chunk)
        else:
            self._drop(STREAMS)
            self._mark_received(chunk.tsn)  # acknowledged: nobody listens there

    async def _receive_forward_tsn_chunk(self, chunk: ForwardTsnChunk) -> None:
        """Skip what the peer gave up, on the streams that there are, each once."""
        skipped = dict(chunk.streams)
        chunk.streams = [(each, skipped[each]) for each in skipped if each in self._inbound_streams]
        await super()._receive_forward_tsn_chunk(chunk)

    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        """Take an acknowledgement of what was sent."""
        outstanding = (self._local_tsn - 1 - chunk.cumulative_tsn) % SCTP_TSN_MODULO
        inside = all(0 < first <= last <= outstanding for first, last in chunk.gaps)
        named = sum(last - first + 1 for first, last in chunk.gaps)
        # An older one is no error: aiortc looks for it itself.
        if outstanding >= SCTP_TSN_MODULO // 2 or not inside or named > MAX_GAPS:
            self._share.refused(MALFORMED)
            return
        await super()._receive_sack_chunk(chunk)

    async def _data_channel_receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        """Take a message; a channel beyond those that anybody needs is not opened."""
        opens = pp_id == WEBRTC_DCEP and data[:1] == bytes([DATA_CHANNEL_OPEN])
        full = len(self._data_channels) >= MAX_STREAMS
        if opens and (full or len(self._data_channel_queue) >= MAX_UNSENT):
            self._share.refused(STREAMS)
            return
        await super()._data_channel_receive(stream_id, pp_id, data)

    def _has_turn(self, ahead: int) -> bool:
        """Whether a chunk so far ahead is the next one, a repeated one, or may wait."""
        if ahead <= 1 or ahead >= SCTP_TSN_MODULO // 2:
            return True
        return ahead <= MAX_AHEAD and len(self._sack_misordered) < MAX_OUT_OF_ORDER

    def _held(self) -> int:
        return sum(len(stream.reassembly) for stream in self._inbound_streams.values())

    def _is_of_a_stream(self, stream_id: int) -> bool:
        return stream_id in self._inbound_streams or len(self._inbound_streams) < MAX_STREAMS

    def _drop(self, cause: str) -> None:
        self._sack_needed = True
        self._share.refused(cause)


def is_sound(data: bytes) -> bool:
    """Whether the chunks of an SCTP packet are as many, and their parameters as long, as can be."""
    control = total = 0
    at = _COMMON
    while at + _HEADER <= len(data):
        kind, _, length = struct.unpack_from("!BBH", data, at)
        total += 1
        control += kind != _DATA
        if length < _HEADER or total > MAX_CHUNKS or control > MAX_CONTROL_CHUNKS:
            return False
        first = _PARAMETERS.get(kind)
        if first is not None and not _has_lengths(data[at + _HEADER + first : at + length]):
            return False
        at += length + -length % 4
    return total > 0


def _has_lengths(parameters: bytes) -> bool:
    """Whether each parameter is at least as long as its header: aiortc goes on by its length."""
    at = 0
    while at + _HEADER <= len(parameters):
        (length,) = struct.unpack_from("!H", parameters, at + 2)
        if length < _HEADER:
            return False
        at += length + -length % 4
    return True
