"""The one UDP port and the TCP port: any datagram and any stream is told apart without harm.

A datagram of no session costs one look-up, is counted and reaches nobody; of a stream no more waits
than its unfinished frame.
"""

import asyncio
import socket
from collections import Counter
from typing import cast

from aioice import Connection, stun

from benchmarks.fuzz.targets import Target
from rtc_server.peer.ice import peek
from rtc_server.peer.ice.framing import MAX_FRAME, Deframer, framed
from rtc_server.peer.ice.mux import UdpMux

UFRAG, PASSWORD = "oneufrag", "password+of+22+characters"
KNOWN, STRANGER = ("192.0.2.1", 50000), ("192.0.2.2", 50000)
LOOP = asyncio.new_event_loop()


class Listener:
    """What stands for an ICE agent: keeps what reaches it, and lets only genuine checks in."""

    local_username = UFRAG

    def __init__(self) -> None:
        self.requests: list[stun.Message] = []
        self.data: list[bytes] = []

    def request_received(self, message: stun.Message, *_: object) -> None:
        """A check that names this session."""
        self.requests.append(message)

    def data_received(self, data: bytes, _component: int) -> None:
        """Anything but STUN, from an address that is known."""
        self.data.append(data)

    def protocol_lost(self, _: object) -> None:
        """Nothing hangs on it."""


async def _made() -> tuple[UdpMux, Listener, Counter[str]]:
    lost: Counter[str] = Counter()
    mux, listener = UdpMux(("127.0.0.1",), 0, lost), Listener()
    protocol = mux.join(cast("Connection", listener), 1, "127.0.0.1")
    assert protocol is not None
    protocol.learn(KNOWN)
    return mux, listener, lost


MUX, LISTENER, LOST = LOOP.run_until_complete(_made())


def run(data: bytes) -> None:
    """Receive it as a datagram from a stranger and from a known address, and as a stream."""
    before = sum(LOST.values())
    LISTENER.requests.clear()
    LISTENER.data.clear()
    MUX.take(data, socket.AF_INET, b"", STRANGER)
    assert not LISTENER.data, "a stranger's datagram reached a session"
    named = peek.is_stun(data) and peek.is_request(data) and peek.local_ufrag(data) == UFRAG
    assert named or sum(LOST.values()) == before + 1
    MUX.take(data, socket.AF_INET, b"", KNOWN)
    assert MUX.holdings == (1, 1, 0), "something was learnt without a genuine check"
    _stream(data)


def _stream(data: bytes) -> None:
    deframer = Deframer()
    whole = deframer.feed(data)
    assert sum(map(len, whole)) + len(deframer) <= len(data)
    assert len(deframer) < 2 + MAX_FRAME
    bytewise = Deframer()
    assert [frame for byte in data for frame in bytewise.feed(bytes([byte]))] == whole


def _check(username: str) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, bytes(range(12)))
    request.attributes.update({"USERNAME": username, "PRIORITY": 1, "ICE-CONTROLLING": 1})
    request.add_message_integrity(PASSWORD.encode())
    return bytes(request)


TARGET = Target(
    run,
    [
        _check(f"{UFRAG}:them"),
        _check("nobody:them"),
        bytes(stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, bytes(12))),
        bytes(stun.Message(stun.Method.BINDING, stun.Class.INDICATION, bytes(12))),
        b"\x80\x60" + bytes(60),
        b"\x16\xfe\xfd" + bytes(60),
        framed(_check(f"{UFRAG}:them")) + framed(b"\x80" + bytes(30)),
        b"",
    ],
    ["\x00\x01", "\x01\x01", "\x21\x12\xa4\x42", "\x00\x06", f"{UFRAG}:", "\x00\x08\x00\x14"],
    max_bytes=2048,
)
