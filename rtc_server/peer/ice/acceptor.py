"""Takes the TCP connections that carry WebRTC, as far as to know whose each is.

Runs in the front process, or in a worker of a cluster, on its event loop. It reads the first frame
alone: a connectivity check, which names a session and proves that its sender knows the session's
password. The socket then goes to whoever holds the session, with the bytes that were read; no media
passes through here.

Nothing that has proved nothing may hold anything for long: five seconds, and so many connections in
all and from one address, of which the oldest goes when a newer one comes. A student's browser sends
its check at once, so those who say nothing cannot keep it out.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress

from aioice import stun

from rtc_server.base.errors import RtcServerError
from rtc_server.peer.ice import peek
from rtc_server.peer.ice.framing import LENGTH

FIRST_FRAME_SECONDS = 5.0
MAX_UNPROVEN = 400
"""Connections that have not sent their first frame."""
MAX_FROM_ONE = MAX_UNPROVEN // 4
"""Of them from one address: a campus behind one, not everything that there is."""
MAX_FIRST = 1200
"""Bytes of a first frame; a check has some 120."""
BACKLOG = 512
AT_A_TIME = 32
"""Connections that are accepted before the event loop's other work has its turn."""
OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
PAUSE = 0.2
"""Seconds without accepting where the process has no file descriptor left."""
ANY = ("0.0.0.0", "::")  # noqa: S104 - all but what is not announced
_NO_FAMILY = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
_UNREADABLE = (ValueError, LookupError, struct.error)

PasswordOf = Callable[[str], str | None]
"""The password of the session with this ufrag; ``None`` where there is none."""
HandOver = Callable[[str, socket.socket, bytes], bool]
"""Takes a proven socket of a ufrag over, with what was read; closes it where nobody has it, and
says so."""

log = logging.getLogger(__name__)


class _Unproven:
    """A connection whose first frame is awaited."""

    __slots__ = ("read", "sock", "source", "timer")

    def __init__(self, sock: socket.socket, source: str) -> None:
        self.sock = sock
        self.source = source
        self.read = bytearray()
        self.timer: asyncio.TimerHandle | None = None


class Acceptor:
    """Listens at one TCP port of both families.

    Attributes:
        port: where.

    """

    def __init__(
        self,
        addresses: Iterable[str],
        port: int,
        password_of: PasswordOf,
        hand_over: HandOver,
        outcomes: Counter[str],
        *,
        proxied: bool = False,
    ) -> None:
        """Listen on each of ``addresses``; none: on all.

        ``outcomes`` counts connections by what became of them: ``handed``, ``silent``, ``closed``,
        ``crowded``, ``garbage``, ``unknown``, ``unproven``, ``unclaimed``.
        ``proxied``: everybody comes from the proxy's address, which then has no share of its own.
        Raises :class:`RtcServerError` with code ``ice_port_taken``.
        """
        self._outcomes = outcomes
        self._password_of = password_of
        self._hand_over = hand_over
        self._most_of_one = MAX_UNPROVEN if proxied else MAX_FROM_ONE
        self._unproven: OrderedDict[int, _Unproven] = OrderedDict()
        self._from: Counter[str] = Counter()
        self._loop = asyncio.get_running_loop()
        self._listening = _listening(tuple(addresses), port)
        self.port: int = self._listening[0].getsockname()[1]
        for sock in self._listening:
            self._listen(sock)

    def __len__(self) -> int:
        """How many connections have proved nothing yet."""
        return len(self._unproven)

    def close(self) -> None:
        """Listen no more, and close what is unproven."""
        for sock in self._listening:
            self._loop.remove_reader(sock.fileno())
            sock.close()
        self._listening.clear()
        for each in list(self._unproven.values()):
            self._drop(each, "closed")

    def _listen(self, sock: socket.socket) -> None:
        if sock in self._listening:
            self._loop.add_reader(sock.fileno(), self._accept, sock)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(AT_A_TIME):
            try:
                sock, address = listening.accept()
            except OSError as error:
                if error.errno in OUT_OF_FILES:
                    log.warning("a TCP connection waits: %s", error.strerror)
                    self._loop.remove_reader(listening.fileno())
                    self._loop.call_later(PAUSE, self._listen, listening)
                return
            self.admit(sock, address[0])

    def admit(self, sock: socket.socket, address: str) -> None:
        """Await the first frame of a connection from ``address``."""
        sock.setblocking(False)  # noqa: FBT003 - its signature
        new = _Unproven(sock, _source(address))
        if self._from[new.source] >= self._most_of_one:
            oldest = next(each for each in self._unproven.values() if each.source == new.source)
            self._drop(oldest, "crowded")
        elif len(self._unproven) >= MAX_UNPROVEN:
            self._drop(next(iter(self._unproven.values())), "crowded")
        self._unproven[new.sock.fileno()] = new
        self._from[new.source] += 1
        new.timer = self._loop.call_later(FIRST_FRAME_SECONDS, self._drop, new, "silent")
        self._loop.add_reader(new.sock.fileno(), self._readable, new)

    def _readable(self, one: _Unproven) -> None:
        try:
            data = one.sock.recv(LENGTH + MAX_FIRST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(one, "closed")
            return
        one.read += data
        self._judge(one)

    def _judge(self, one: _Unproven) -> None:
        """Close it as soon as it cannot be a check, hand it over once it is one."""
        if len(one.read) < LENGTH:
            return
        length = int.from_bytes(one.read[:LENGTH], "big")
        if not peek.HEADER <= length <= MAX_FIRST:
            self._drop(one, "garbage")
        elif len(one.read) >= LENGTH + length:
            ufrag, fault = self._proven(bytes(one.read[LENGTH : LENGTH + length]))
            if fault:
                self._drop(one, fault)
            else:
                self._give(one, ufrag)

    def _proven(self, frame: bytes) -> tuple[str, str]:
        """Whose check the frame is, and what is wrong with it."""
        if not (peek.is_stun(frame) and peek.is_request(frame)):
            return "", "garbage"
        ufrag = peek.local_ufrag(frame) or ""
        password = self._password_of(ufrag)
        if password is None:
            return ufrag, "unknown"
        try:
            message = stun.parse_message(frame)
        except _UNREADABLE:
            return ufrag, "garbage"
        named = str(message.attributes.get("USERNAME", "")).partition(":")[0]
        if named != ufrag or not message.check_message_integrity(password.encode()):
            return ufrag, "unproven"
        return ufrag, ""

    def _give(self, one: _Unproven, ufrag: str) -> None:
        self._forget(one)
        taken = self._hand_over(ufrag, one.sock, bytes(one.read))
        self._outcomes["handed" if taken else "unclaimed"] += 1

    def _drop(self, one: _Unproven, outcome: str) -> None:
        self._outcomes[outcome] += 1
        self._forget(one)
        one.sock.close()

    def _forget(self, one: _Unproven) -> None:
        fd = one.sock.fileno()
        self._loop.remove_reader(fd)
        del self._unproven[fd]
        self._from[one.source] -= 1
        if not self._from[one.source]:
            del self._from[one.source]
        if one.timer is not None:
            one.timer.cancel()


def _listening(addresses: tuple[str, ...], port: int) -> list[socket.socket]:
    """A socket on each address, all at one port; a family that the machine has not is left out."""
    made: list[socket.socket] = []
    for address in addresses or ANY:
        try:
            sock = _bound(address, port)
        except OSError as error:
            if error.errno in _NO_FAMILY:
                continue
            for each in made:
                each.close()
            raise RtcServerError(
                f"TCP port {port} cannot be had: {error.strerror}", code="ice_port_taken"
            ) from error
        made.append(sock)
        port = port or sock.getsockname()[1]
    if not made:
        raise RtcServerError("no address to listen on for TCP", code="ice_port_taken")
    return made


def _bound(address: str, port: int) -> socket.socket:
    is_v6 = ipaddress.ip_address(address).version == 6  # noqa: PLR2004
    sock = socket.socket(
        socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK
    )
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _source(address: str) -> str:
    """Who counts as one: an IPv4 address, an IPv6 network of 64 bits."""
    with suppress(ValueError):
        ip = ipaddress.ip_address(address.partition("%")[0])
        if ip.version == 6:  # noqa: PLR2004
            return ip.packed[:8].hex()
    return address
