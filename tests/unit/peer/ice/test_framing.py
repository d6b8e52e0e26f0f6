"""Frames come out as they went in, wherever the stream is cut."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rtc_server.peer.ice.framing import MAX_FRAME, Deframer, framed

DATAGRAMS = st.lists(st.binary(max_size=80), max_size=6)


@given(DATAGRAMS, st.lists(st.integers(0, 500)))
def test_any_cuts_of_the_stream_give_the_same_datagrams(
    datagrams: list[bytes], places: list[int]
) -> None:
    stream = b"".join(map(framed, datagrams))
    cuts = sorted({0, len(stream), *(place for place in places if place < len(stream))})
    deframer = Deframer()
    found = [
        frame
        for begin, end in itertools.pairwise(cuts)
        for frame in deframer.feed(stream[begin:end])
    ]
    assert found == [datagram for datagram in datagrams if datagram]
    assert len(deframer) == 0


@given(st.binary(max_size=2000))
def test_of_any_bytes_no_more_than_a_frame_waits(data: bytes) -> None:
    deframer = Deframer()
    found = deframer.feed(data)
    assert all(found)
    assert sum(map(len, found)) + len(deframer) <= len(data)
    assert len(deframer) < 2 + MAX_FRAME
