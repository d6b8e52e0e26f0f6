"""Whoever proves nothing holds nothing for long, and keeps nobody else out."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from aioice import stun

from rtc_server.base.errors import RtcServerError
from rtc_server.peer.ice import acceptor as module
from rtc_server.peer.ice.acceptor import Acceptor
from rtc_server.peer.ice.framing import framed

UFRAG, PASSWORD = "oneufrag", "password+of+22+characters"


def check(ufrag: str = UFRAG, password: str = PASSWORD) -> bytes:
    """A framed connectivity check."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes.update({"USERNAME": f"{ufrag}:them", "PRIORITY": 1, "ICE-CONTROLLING": 1})
    request.add_message_integrity(password.encode())
    return framed(bytes(request))


class Listening:
    """An acceptor, and the sockets that it handed over."""

    def __init__(self, *, proxied: bool = False) -> None:
        self.outcomes: Counter[str] = Counter()
        self.handed: list[tuple[str, socket.socket, bytes]] = []
        self.acceptor = Acceptor(
            ("127.0.0.1",), 0, self._password_of, self._take, self.outcomes, proxied=proxied
        )
        self._students: list[socket.socket] = []

    @staticmethod
    def _password_of(ufrag: str) -> str | None:
        return PASSWORD if ufrag == UFRAG else None

    def _take(self, ufrag: str, sock: socket.socket, read: bytes) -> bool:
        self.handed.append((ufrag, sock, read))
        return True

    async def student(self, first: bytes = b"") -> socket.socket:
        """A connection, that says something."""
        made = socket.create_connection(("127.0.0.1", self.acceptor.port))
        made.settimeout(0)
        self._students.append(made)
        seen = sum(self.outcomes.values()) + len(self.acceptor)
        if first:
            made.send(first)
        await until(lambda: sum(self.outcomes.values()) + len(self.acceptor) >= max(1, seen))
        return made

    def close(self) -> None:
        self.acceptor.close()
        for sock in (*self._students, *(sock for _, sock, _ in self.handed)):
            sock.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a socket has no event for it
            await asyncio.sleep(0.001)


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    made = Listening()
    yield made
    made.close()


async def test_a_proven_socket_is_handed_over_with_what_was_read(listening: Listening) -> None:
    whole = check() + framed(b"more")
    student = await listening.student(whole[:1])
    student.send(whole[1:30])
    student.send(whole[30:])
    await until(lambda: bool(listening.handed))
    ufrag, sock, read = listening.handed[0]
    rest = whole[len(read) :]
    sock.settimeout(5)
    assert (ufrag, read + (sock.recv(len(rest)) if rest else b"")) == (UFRAG, whole)
    assert listening.outcomes == {"handed": 1}
    assert len(listening.acceptor) == 0


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "garbage"),
        (b"\x16\x03\x01\x02\x00" + bytes(80), "garbage"),
        (framed(b"\x80" * 100), "garbage"),
        (b"\x00\x00" * 40, "garbage"),
        (b"\xff\xff" + bytes(100), "garbage"),
        (check("nobody"), "unknown"),
        (check(UFRAG, "a+guess+of+22+characters"), "unproven"),
        (framed(check()[2:-8]), "garbage"),
    ],
    ids=["http", "tls", "media", "empty", "long", "unknown", "wrong password", "cut off"],
)
async def test_what_proves_nothing_is_closed_at_once(
    listening: Listening, first: bytes, outcome: str
) -> None:
    student = await listening.student(first)
    await until(lambda: listening.outcomes[outcome] == 1)
    student.settimeout(5)
    with suppress(ConnectionResetError):  # which way it is told depends on what was not read
        assert student.recv(1) == b""
    assert listening.handed == []


async def test_silence_is_ended(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_FRAME_SECONDS", 0.05)
    await listening.student()
    await listening.student(check()[:40])
    await until(lambda: listening.outcomes["silent"] == 2)
    assert len(listening.acceptor) == 0


async def test_the_silent_of_one_address_keep_nobody_out(listening: Listening) -> None:
    for _ in range(module.MAX_FROM_ONE + 5):
        await listening.student()
    await until(lambda: listening.outcomes["crowded"] == 5)
    await listening.student(check())
    await until(lambda: bool(listening.handed))
    assert len(listening.acceptor) == module.MAX_FROM_ONE - 1


async def test_behind_a_proxy_one_address_has_all_the_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_UNPROVEN", 20)
    monkeypatch.setattr(module, "MAX_FROM_ONE", 5)
    proxied = Listening(proxied=True)
    for _ in range(22):
        await proxied.student()
    await until(lambda: proxied.outcomes["crowded"] == 2)
    assert len(proxied.acceptor) == 20
    proxied.close()


async def test_a_port_that_is_taken_is_told_with_a_code(listening: Listening) -> None:
    with pytest.raises(RtcServerError) as refused:
        Acceptor(
            ("127.0.0.1",), listening.acceptor.port, lambda _: None, lambda *_: False, Counter()
        )
    assert refused.value.code == "ice_port_taken"


async def test_closing_closes_what_is_unproven(listening: Listening) -> None:
    student = await listening.student()
    await until(lambda: len(listening.acceptor) == 1)
    listening.acceptor.close()
    student.settimeout(5)
    assert student.recv(1) == b""
    assert len(listening.acceptor) == 0
