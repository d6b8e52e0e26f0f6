"""A flight of the DTLS handshake is sent again until it is answered."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rtc_server.peer.ice import dtls_flight
from rtc_server.peer.ice.dtls_flight import PAUSES, Flight

HELLO, ANSWER, FINISHED, CIPHER = b"\x16hello", b"\x16answer", b"\x16finished", b"\x14cipher"
DATA, MEDIA, STUN = b"\x17data", b"\x80media", b"\x00stun"


class Wire:
    """Collects what is sent again."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self._arrived = asyncio.Event()

    def send(self, datagram: bytes) -> None:
        self.sent.append(datagram)
        self._arrived.set()

    async def holds(self, count: int) -> None:
        while len(self.sent) < count:
            self._arrived.clear()
            await asyncio.wait_for(self._arrived.wait(), 5)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls_flight, "PAUSES", (0.001, 0.001, 0.001))


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def kept(wire: Wire) -> AsyncIterator[Flight]:
    made = Flight(wire.send)
    yield made
    made.close()


async def silence() -> None:
    """Longer than all pauses."""
    await asyncio.sleep(0.05)


async def test_it_is_repeated_a_few_times_in_order(wire: Wire, kept: Flight) -> None:
    kept.sent(CIPHER)
    kept.sent(FINISHED)
    await wire.holds(6)
    await silence()
    assert wire.sent == [CIPHER, FINISHED] * 3


async def test_the_next_flight_takes_its_place(wire: Wire, kept: Flight) -> None:
    kept.sent(HELLO)
    kept.heard(ANSWER)
    kept.sent(FINISHED)
    await wire.holds(3)
    assert set(wire.sent) == {FINISHED}


@pytest.mark.parametrize("proof", [DATA, MEDIA])
async def test_data_and_media_end_it(wire: Wire, kept: Flight, proof: bytes) -> None:
    kept.sent(FINISHED)
    kept.heard(proof)
    kept.sent(HELLO)
    await silence()
    assert wire.sent == []


@pytest.mark.parametrize("other", [DATA, MEDIA, STUN])
async def test_what_is_no_handshake_is_not_repeated(wire: Wire, kept: Flight, other: bytes) -> None:
    kept.sent(other)
    await silence()
    assert wire.sent == []


async def test_an_empty_datagram_changes_nothing(wire: Wire, kept: Flight) -> None:
    kept.sent(HELLO)
    kept.heard(b"")
    await wire.holds(3)
    assert wire.sent == [HELLO] * 3


def test_it_begins_before_openssl_does_and_grows() -> None:
    assert sum(PAUSES[:4]) < 1.0
    assert list(PAUSES) == sorted(PAUSES)
