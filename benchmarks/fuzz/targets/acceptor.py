"""The first frame of a TCP connection: only a genuine check opens the way to a session."""

import asyncio
from collections import Counter
from socket import socket, socketpair

from aioice import stun

from benchmarks.fuzz.targets import Target
from rtc_server.peer.ice.acceptor import MAX_FIRST, Acceptor
from rtc_server.peer.ice.framing import LENGTH, framed

UFRAG, PASSWORD = "oneufrag", "password+of+22+characters"
LOOP = asyncio.new_event_loop()
HANDED: list[bytes] = []
OUTCOMES: Counter[str] = Counter()


def _take(_ufrag: str, sock: socket, read: bytes) -> bool:
    HANDED.append(read)
    sock.close()
    return True


async def _made() -> Acceptor:
    def password_of(ufrag: str) -> str | None:
        return PASSWORD if ufrag == UFRAG else None

    return Acceptor(("127.0.0.1",), 0, password_of, _take, OUTCOMES)


ACCEPTOR = LOOP.run_until_complete(_made())


def run(data: bytes) -> None:
    """Be a connection whose first bytes are these."""
    HANDED.clear()
    LOOP.run_until_complete(_say(data[: LENGTH + MAX_FIRST]))
    assert len(ACCEPTOR) == 0
    for read in HANDED:
        message = stun.parse_message(read[LENGTH : LENGTH + int.from_bytes(read[:LENGTH], "big")])
        assert message.check_message_integrity(PASSWORD.encode()), "an unproven check got in"


async def _say(data: bytes) -> None:
    ours, theirs = socketpair()
    with theirs:
        ACCEPTOR.admit(ours, "192.0.2.1")
        theirs.sendall(data)
        theirs.close()
        while len(ACCEPTOR):  # noqa: ASYNC110 - a socket has no event for it
            await asyncio.sleep(0)


def _check(ufrag: str, password: str) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, bytes(range(12)))
    request.attributes.update({"USERNAME": f"{ufrag}:them", "ICE-CONTROLLING": 1})
    request.add_message_integrity(password.encode())
    return framed(bytes(request))


TARGET = Target(
    run,
    [
        _check(UFRAG, PASSWORD),
        _check(UFRAG, "another+password+of+26+chs"),
        _check("nobody", PASSWORD),
        _check(UFRAG, PASSWORD) + framed(b"more"),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff",
        b"",
    ],
    ["\x00\x01", "\x21\x12\xa4\x42", "\x00\x06", f"{UFRAG}:", "\x00\x08\x00\x14"],
    max_bytes=LENGTH + MAX_FIRST,
)
