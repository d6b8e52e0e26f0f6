"""Datagrams of RTP, RTX and RTCP after each other: a lane drops what is odd, and keeps little."""

import asyncio
import struct

from benchmarks.fuzz.bounds import hold
from benchmarks.fuzz.targets import Target
from tests.fakes.rtp_lane import MEDIA, REPAIRS, RTX, Lane, rtp

SPLIT = b"<>"
RENEWED = 200
"""Inputs that one lane is given: to make one costs more than to use it."""
RUNNER = asyncio.Runner()


class _Lanes:
    """The lane that is used now."""

    def __init__(self) -> None:
        self._lane: Lane | None = None
        self._used = 0

    async def next(self) -> Lane:
        """The same again, or a new one."""
        self._used += 1
        if self._lane is None or self._used % RENEWED == 0:
            if self._lane is not None:
                await self._lane.receiver.stop()
            self._lane = Lane()
            await self._lane.begin()
        return self._lane


LANES = _Lanes()


def run(text: bytes) -> None:
    """Let the lane take one datagram after the other; it raises nothing."""
    lane = RUNNER.run(LANES.next())
    hold(lambda: RUNNER.run(_feed(lane, text.split(SPLIT))))


async def _feed(lane: Lane, datagrams: list[bytes]) -> None:
    for datagram in datagrams:
        lane.clock.seconds += 0.01
        lane.take(datagram)
    await asyncio.sleep(0)
    lane.sent.clear()
    lane.refused.clear()
    lane.check()


def _sender_report(ssrc: int) -> bytes:
    return struct.pack("!BBHLQLLL", 0x80, 200, 6, ssrc, 1 << 40, 1, 2, 3)


TARGET = Target(
    run,
    [
        SPLIT.join(rtp(MEDIA, number) for number in range(4)),
        SPLIT.join([rtp(MEDIA, 1), rtp(MEDIA, 500), rtp(MEDIA, 40_000)]),
        SPLIT.join([rtp(MEDIA, 7), rtp(REPAIRS, 8, RTX), rtp(99, 9, RTX)]),
        SPLIT.join([rtp(MEDIA, extension=b"\x32\x00\x00\x01"), _sender_report(MEDIA)]),
        _sender_report(MEDIA) + struct.pack("!BBHL", 0x81, 203, 1, MEDIA),
        struct.pack("!BBHLL", 0x81, 205, 3, 1, MEDIA) + bytes(4),
        struct.pack("!BBHLL", 0x8F, 206, 4, 1, 0) + b"REMB\x01\x00\x00\x00",
        b"\x17\xfe\xfd" + bytes(8) + b"\x00\x01\x00" * 3,
        b"",
    ],
    ("<>", "\x80\xc8", "\x80\x60", "\xbe\xde"),
)
