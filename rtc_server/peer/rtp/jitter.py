"""RTP packets → encoded frames: at once when complete, and never stuck for long.

aiortc's ``JitterBuffer`` releases a frame when the first packet of the *next* one arrives (a
whole frame of latency, 100 ms at 10 fps), one frame for each packet that arrives (so a burst
after a retransmission drains slowly), takes a packet far behind its window for a restart
(a late retransmission then freezes the stream), and waits for a lost packet until 512 more have
come (7 to 10 s). The subclass here:

- releases on the RTP marker bit, which ends a frame (RFC 7741 section 4.1, RFC 6184 section 5.1),
  or on a new timestamp for senders that set no marker;
- drops whatever is behind what it released;
- goes on with a complete key frame behind a gap, which needs nothing that is missing;
- gives a gap up after ``GIVE_UP`` seconds, and says so: the frame after a gap is not ``intact``.

It can go when aiortc's own buffer does the same; pull request 1418 there begins to.
"""

from collections.abc import Callable, Iterator

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket

from rtc_server.base.clock import Clock

CAPACITY = 512
"""Packets; as aiortc has it."""
GIVE_UP = 0.6
"""Seconds that a frame may wait for a missing packet."""
SETTLED = 0.02
"""Seconds without a newer packet after which what has not come is missing."""
TAIL_ASKS = 2
"""Times to ask for the packet that may have ended a frame."""

_HALF = 1 << 15


class VideoFrame(JitterFrame):
    """An encoded frame that knows whether frames are missing before it."""

    def __init__(self, data: bytes, timestamp: int, *, intact: bool) -> None:
        """``timestamp``: RTP, 90 kHz. ``intact``: it follows the frame released before."""
        super().__init__(data, timestamp)
        self.intact = intact


class MarkerJitterBuffer(JitterBuffer):
    """Puts packets in order and releases each frame with its last packet."""

    def __init__(self, clock: Clock) -> None:
        """Start empty; the first packet sets the origin."""
        super().__init__(CAPACITY, is_video=True)
        self._clock = clock
        self._waiting_since: float | None = None
        self._intact = True

    def add(self, packet: RtpPacket) -> tuple[bool, VideoFrame | None]:
        """Take a packet; returns (key frame needed, the frame it completes)."""
        ahead = 0 if self._origin is None else (packet.sequence_number - self._origin) & 0xFFFF
        if ahead >= _HALF:
            return False, None
        if ahead >= self.capacity:  # the base class drops what is in the way
            self._intact = False
        broken, frame = super().add(packet)
        if not isinstance(frame, VideoFrame):
            return broken, None
        self._waiting_since = None
        return broken, frame

    def next_frame(self) -> VideoFrame | None:
        """Another complete frame, where one packet completed several."""
        return None if self._origin is None else self._remove_frame(self._origin - 1)

    def stalled(self) -> bool:
        """Whether a frame has waited too long for a missing packet."""
        since = self._waiting_since
        return since is not None and self._clock.monotonic() - since > GIVE_UP

    def is_waiting_for(self, sequence_number: int) -> bool:
        """Whether this packet would still be of use."""
        return self._origin is not None and (sequence_number - self._origin) & 0xFFFF < _HALF

    def give_up(self) -> None:
        """Skip the gap: go on with the first frame behind it, else with the next packet."""
        start = next(self._frame_starts_behind_gap(), None)
        if start is None:
            self.reset()
        else:
            self._go_on_at(start)

    def skip_to(self, is_key_frame: Callable[[bytes], bool]) -> bool:
        """Go on with a complete key frame behind the gap, if there is one: it needs none before."""
        if self._waiting_since is None:
            return False
        for start in self._frame_starts_behind_gap():
            packets = self._complete_frame(start)
            if packets is not None and is_key_frame(_joined(packets)):
                self._go_on_at(start)
                return True
        return False

    def _go_on_at(self, start: int) -> None:
        self.remove(start)
        self._intact = False
        self._waiting_since = None

    def reset(self) -> None:
        """Forget everything; the next packet is the new origin."""
        self._packets = [None] * self.capacity
        self._origin = None
        self._waiting_since = None
        self._intact = False

    def _at(self, count: int) -> RtpPacket | None:
        assert self._origin is not None  # noqa: S101 - callers looked
        return self._packets[(self._origin + count) % self._capacity]

    def _frame_starts_behind_gap(self) -> Iterator[int]:
        """Packets from the origin to those behind the gap that surely begin a frame."""
        gap = False
        for count in range(self._capacity):
            packet = self._at(count)
            if packet is None:
                gap = True
                continue
            before = self._at(count - 1) if count and gap else None
            if before is not None and (before.marker or before.timestamp != packet.timestamp):
                yield count

    def _remove_frame(self, sequence_number: int) -> VideoFrame | None:
        """Release the first complete frame at the origin; padding alone is none."""
        while (packets := self._complete_frame(0)) is not None:
            self.remove(len(packets))
            data = _joined(packets)
            if data:
                frame = VideoFrame(data, packets[0].timestamp, intact=self._intact)
                self._intact = True
                return frame
        self._note_gap(sequence_number)
        return None

    def _complete_frame(self, start: int) -> list[RtpPacket] | None:
        """Packets of the frame that begins ``start`` from the origin; None while one is missing."""
        packets: list[RtpPacket] = []
        while start + len(packets) < self._capacity:
            packet = self._at(start + len(packets))
            if packet is None:
                break
            if packets and packet.timestamp != packets[0].timestamp:
                return packets
            packets.append(packet)
            if packet.marker:
                return packets
        return None

    def _note_gap(self, sequence_number: int) -> None:
        """A packet that came before one that is missing starts the wait for it."""
        assert self._origin is not None  # noqa: S101 - a packet was added
        ahead = (sequence_number - self._origin) & 0xFFFF
        if self._waiting_since is not None or ahead >= self._capacity:
            return
        if any(self._at(count) is None for count in range(ahead)):
            self._waiting_since = self._clock.monotonic()


def _joined(packets: list[RtpPacket]) -> bytes:
    return b"".join(packet._data for packet in packets)  # type: ignore[attr-defined]


class PatientNack(NackGenerator):
    """Knows what is missing as long as the buffer waits for it.

    aiortc asks once for a missing packet, when the gap shows, so at 20 % loss each way four in ten
    of the lost packets stay lost. The last packet of a frame shows its loss with the next frame
    only (100 ms later at 10 fps), so a frame without an end is suspected as well.
    """

    def __init__(self, buffer: MarkerJitterBuffer, clock: Clock) -> None:
        """Follow what ``buffer`` still waits for."""
        super().__init__()
        self._buffer = buffer
        self._clock = clock
        self._changed_at = 0.0
        self._marks = False
        self._tail: int | None = None
        self._tail_asked = 0

    def add(self, packet: RtpPacket) -> bool:
        """Note a packet; returns whether to ask for missing ones at once."""
        if self.max_seq is not None and self._leaps(packet.sequence_number, self.max_seq):
            self.max_seq = packet.sequence_number
            self.missing.clear()
            return False
        shows_gap = super().add(packet)
        self._marks |= bool(packet.marker)
        if packet.sequence_number == self.max_seq:
            self._changed_at = self._clock.monotonic()
            ends = packet.marker or not packet.payload
            self._tail = None if ends else (packet.sequence_number + 1) & 0xFFFF
            self._tail_asked = 0
        return shows_gap

    def outstanding(self) -> list[int]:
        """Sequence numbers to ask for again; none while a frame is just arriving."""
        if self._clock.monotonic() - self._changed_at < SETTLED:
            return []
        self.missing = {seq for seq in self.missing if self._buffer.is_waiting_for(seq)}
        asked = sorted(self.missing)
        if self._suspects_tail() and self._tail is not None:
            self._tail_asked += 1
            asked.append(self._tail)
        return asked

    @property
    def incomplete(self) -> bool:
        """Whether something is missing, or may be."""
        return bool(self.missing) or self._suspects_tail()

    def _suspects_tail(self) -> bool:
        return self._marks and self._tail is not None and self._tail_asked < TAIL_ASKS

    @staticmethod
    def _leaps(seq: int, newest: int) -> bool:
        """Whether this is a restart, not thirty thousand losses."""
        return CAPACITY < (seq - newest) & 0xFFFF < _HALF
