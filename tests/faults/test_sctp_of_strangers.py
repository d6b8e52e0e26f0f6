"""Whatever chunks a peer sends, they cost the loop little, and what is kept of them is bounded."""

import struct
import time
from itertools import pairwise

import pytest

from rtc_server.peer.association import (
    HELD,
    MALFORMED,
    MAX_HELD,
    MAX_OUT_OF_ORDER,
    MAX_STREAMS,
    OUT_OF_ORDER,
    STREAMS,
)
from rtc_server.peer.loop_share import LONGEST_CALL
from tests.fakes.sctp_peer import (
    FIRST,
    UNORDERED,
    SctpPeer,
    chunk,
    data,
    forward_tsn,
    open_channel,
    sack,
)

CHUNKS = 60
"""Of a datagram."""


@pytest.fixture
async def peer() -> SctpPeer:
    return SctpPeer()


async def slowest(peer: SctpPeer, packets: list[bytes]) -> float:
    """CPU seconds of the dearest of these packets, at the second sight of a slow one."""
    longest = 0.0
    for packet in packets:
        began = time.thread_time()
        await peer.association._handle_data(packet)
        longest = max(longest, time.thread_time() - began)
    return longest


def kept(peer: SctpPeer) -> int:
    """Chunks that the association holds."""
    return sum(len(each.reassembly) for each in peer.association._inbound_streams.values())


def flood(peer: SctpPeer, chunks: list[bytes]) -> list[bytes]:
    """The chunks as packets."""
    return [peer.packet(*chunks[at : at + CHUNKS]) for at in range(0, len(chunks), CHUNKS)]


@pytest.mark.parametrize("user_data", [b"x", b""], ids=["a byte", "empty"])
async def test_chunks_behind_a_missing_one_are_few(peer: SctpPeer, user_data: bytes) -> None:
    chunks = [data(2 + number, user_data) for number in range(6000)]
    assert await slowest(peer, flood(peer, chunks)) < LONGEST_CALL
    assert len(peer.association._sack_misordered) <= MAX_OUT_OF_ORDER
    assert kept(peer) <= MAX_HELD
    assert set(peer.refused) == {OUT_OF_ORDER if user_data else MALFORMED}


async def test_fragments_without_an_end_are_few(peer: SctpPeer) -> None:
    chunks = [data(1, flags=FIRST)] + [data(2 + number, flags=0) for number in range(6000)]
    assert await slowest(peer, flood(peer, chunks)) < LONGEST_CALL
    assert kept(peer) <= MAX_HELD
    assert HELD in peer.refused


async def test_messages_ahead_of_their_turn_are_few(peer: SctpPeer) -> None:
    chunks = [data(1 + number, flags=3, sequence=1 + number % 9) for number in range(3000)]
    assert await slowest(peer, flood(peer, chunks)) < LONGEST_CALL
    assert kept(peer) <= MAX_HELD


async def test_streams_are_few_and_further_ones_hold_nothing_up(peer: SctpPeer) -> None:
    chunks = [data(1 + number, flags=FIRST | UNORDERED, stream=number) for number in range(3000)]
    assert await slowest(peer, flood(peer, chunks)) < LONGEST_CALL
    assert len(peer.association._inbound_streams) == MAX_STREAMS
    assert peer.association._last_received_tsn == 3000
    assert STREAMS in peer.refused


async def test_streams_that_are_skipped_are_none(peer: SctpPeer) -> None:
    packets = [peer.packet(forward_tsn(number, list(range(300)))) for number in range(2, 200)]
    assert await slowest(peer, packets) < LONGEST_CALL
    assert not peer.association._inbound_streams


async def test_channels_are_few(peer: SctpPeer) -> None:
    chunks = []
    for number in range(300):
        chunks += [open_channel(1 + number, number)]
    await slowest(peer, flood(peer, chunks))
    assert len(peer.association._data_channels) <= MAX_STREAMS


async def test_numbers_that_came_already_are_told_and_forgotten(peer: SctpPeer) -> None:
    await peer.send(data(1))
    packets = [peer.packet(*[data(1)] * CHUNKS) for _ in range(100)]
    assert await slowest(peer, packets) < LONGEST_CALL
    assert not peer.association._sack_duplicates


@pytest.mark.parametrize(
    "gaps",
    [[(1, 65535)] * 300, [(2, 1)], [(0, 4)], [(1, 40)]],
    ids=["all of them", "backwards", "none", "never sent"],
)
async def test_gaps_of_what_was_never_sent_are_not_walked(
    peer: SctpPeer, gaps: list[tuple[int, int]]
) -> None:
    sent = peer.association._last_sacked_tsn
    assert await slowest(peer, [peer.packet(sack(sent, gaps))] * 20) < LONGEST_CALL
    assert set(peer.refused) == {MALFORMED}


@pytest.mark.parametrize("kind", [1, 2, 4, 5, 6, 9, 130])
async def test_a_parameter_without_a_length_is_refused(peer: SctpPeer, kind: int) -> None:
    await peer.send(chunk(kind, bytes(32)))
    assert peer.refused == [MALFORMED]


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(0, b"")],
        [chunk(0, b"\x00\x00\x00\x01")],
        [chunk(1, bytes(16)), data(1)],
        [chunk(3, b"\xff" * 12)],
        [chunk(192, b"\x00\x00\x00\x02\x00\x00")],
        [chunk(4, b"")] * 40,
        [chunk(4, b"", length=3)],
        [chunk(7, b"\x00")],
        [chunk(130, b"\x00\x0d\x00\x06\x00\x00")],
        [open_channel(1, 0), open_channel(2, 0)],
        [open_channel(1, 0, b"\xff\xfe")],
        [data(1, b"\xff\xfe"), open_channel(2, 3, b"\xff")],
    ],
    ids=lambda chunks: chunks[0].hex()[:16],
)
async def test_odd_chunks_raise_nothing_and_are_counted(
    peer: SctpPeer, chunks: list[bytes]
) -> None:
    await peer.send(*chunks)
    assert peer.refused


async def test_any_byte_of_a_packet_may_be_wrong(peer: SctpPeer) -> None:
    good = peer.packet(data(1), sack(0, [(1, 1)]), chunk(4, struct.pack("!HH", 1, 4)))
    for at in range(len(good)):
        await peer.association._handle_data(good[:at] + b"\xff" + good[at + 1 :])
        await peer.association._handle_data(good[:at])


async def test_an_honest_message_in_pieces_arrives_in_spite_of_losses(peer: SctpPeer) -> None:
    heard: list[bytes] = []

    async def receive(_stream: int, _protocol: int, message: bytes) -> None:
        heard.append(message)

    peer.association._receive = receive  # type: ignore[assignment,method-assign]
    pieces = [bytes([number]) * 1000 for number in range(100)]
    flags = [FIRST, *[0] * 98, 1]
    numbered = list(enumerate(zip(pieces, flags, strict=True), 1))
    for (tsn, (piece, flag)), _ in pairwise([*numbered[1:], numbered[0], numbered[0]]):
        await peer.send(data(tsn, piece, flags=flag))
    assert heard == [b"".join(pieces)]
    assert peer.refused == []
