"""Flights leave in datagrams of whole records that fit a small path."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rtc_server.peer.dtls import MAX_DATAGRAM, datagrams


def record(length: int) -> bytes:
    """A handshake record with so many bytes."""
    return b"\x16\xfe\xfd" + bytes(8) + length.to_bytes(2, "big") + bytes(length)


@given(st.lists(st.integers(0, MAX_DATAGRAM + 200), max_size=20))
def test_no_record_is_cut_and_no_datagram_is_larger_than_it_must_be(lengths: list[int]) -> None:
    records = [record(length) for length in lengths]
    sent = list(datagrams(b"".join(records)))
    assert b"".join(sent) == b"".join(records)
    for datagram in sent:
        assert len(datagram) <= MAX_DATAGRAM or datagram in records
    for one, other in pairwise(sent):
        first = 13 + int.from_bytes(other[11:13], "big")
        assert len(one) + first > MAX_DATAGRAM  # the next record did not fit


@given(st.binary(max_size=3000))
def test_whatever_openssl_writes_is_sent_once(written: bytes) -> None:
    assert b"".join(datagrams(written)) == written
