"""Packets of SCTP after each other: an association keeps few chunks, and costs little."""

import asyncio

from benchmarks.fuzz.bounds import hold
from benchmarks.fuzz.targets import Target
from tests.fakes.sctp_peer import (
    FIRST,
    SctpPeer,
    chunk,
    data,
    forward_tsn,
    open_channel,
    sack,
)

SPLIT = b"<>"
"""Between the chunks of two packets."""
RUNNER = asyncio.Runner()


def run(text: bytes) -> None:
    """Give an association that is established one packet after the other."""
    hold(lambda: RUNNER.run(_feed(text.split(SPLIT))))


async def _feed(packets: list[bytes]) -> None:
    peer = SctpPeer()
    for chunks in packets:
        await peer.give(peer.packet(chunks))
    peer.close()
    await asyncio.sleep(0)


TARGET = Target(
    run,
    [
        data(1) + data(2, flags=FIRST) + data(4, flags=0, stream=3),
        b"".join(data(2 + number) for number in range(60)),
        data(1, flags=FIRST) + SPLIT + b"".join(data(2 + n, flags=0) for n in range(60)),
        open_channel(1, 0, b"control") + SPLIT + open_channel(2, 2, b"metrics"),
        sack(0, [(1, 2), (4, 65535)]) + SPLIT + forward_tsn(9, [1, 2, 3]),
        chunk(1, bytes(16)) + SPLIT + chunk(10, bytes(24)) + SPLIT + chunk(7, bytes(4)),
        chunk(130, b"\x00\x0d\x00\x12" + bytes(14)) + SPLIT + chunk(4, b"\x00\x01\x00\x08abcd"),
        chunk(6, b"") + SPLIT + data(1),
    ],
    ("<>", "\x00\x03\x00\x10", "\x82\x00", "\xc0\x00"),
)
