"""WebRTC over TCP (RFC 6544) for the sessions of a worker; runs in the worker's event loop.

We are the passive side: a browser that no datagram leaves connects to the one TCP port of the
machine. The :mod:`~rtc_server.peer.ice.acceptor` finds out whose connection it is, and the socket
comes here. For aioice one protocol stands for all connections of a session; it makes a
peer-reflexive candidate of each by itself.

Behind a proxy (Railway's, a load balancer's) the candidate carries the proxy's address, which is
looked up at the start and every minute.
"""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol, cast

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation

from rtc_server.base.aio import TaskSet
from rtc_server.base.supervisor import Supervisor
from rtc_server.peer.ice.checks import Checks
from rtc_server.peer.ice.framing import MAX_FRAME, Deframer, framed

MAX_STREAMS = 8
"""Connections of one session; one more takes the place of the one that is silent longest."""
IDLE_SECONDS = 30.0
"""Without a frame; a connection in use is asked for consent every five (RFC 7675)."""
FEEDBACK_QUEUE = 16 * 1024
"""Bytes that may wait before media feedback is dropped: it is of no use when it is late."""
MAX_QUEUE = 256 * 1024
"""Bytes that may wait before everything is dropped, as on a network that is full."""
SEND_BUFFER = 128 * 1024
"""Bytes that the kernel may hold beside them."""
LOOK_UP_SECONDS = 3.0
LOOK_UP_INTERVAL = 60.0
TYPE_PREFERENCE = 90
"""Of a candidate's priority (RFC 8445, 5.1.2): UDP has 100 and more, a relay 0."""
_PASSIVE = 4 << 13
"""The direction's part of the local preference (RFC 6544, section 4.2)."""
_SRTP = range(128, 192)

Address = tuple[str, int]

log = logging.getLogger(__name__)


class Credentials(Protocol):
    """Who has to know which sessions may be reached by TCP."""

    def opened(self, ufrag: str, password: str) -> None:
        """A session is reached by this name from now on."""
        ...

    def closed(self, ufrag: str) -> None:
        """It is no more."""
        ...


class Stream(asyncio.Protocol):
    """One TCP connection: frames in, frames out, as if they were datagrams."""

    def __init__(self, owner: "StreamTransport", read: bytes, lost: Counter[str]) -> None:
        """``owner``: its session's; ``read``: what was read of it before it came here."""
        self.address: Address = ("", 0)
        self.heard_at = 0.0
        self._owner = owner
        self._read = read
        self._lost = lost
        self._deframer = Deframer()
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is ours."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if peer is None:  # reset while it was handed over
            self._transport.abort()
            return
        self.address = peer[:2]
        loop = asyncio.get_running_loop()
        self.heard_at = loop.time()
        self._idle = loop.call_later(IDLE_SECONDS, self._look)
        self._owner.add(self)
        self.data_received(self._read)

    def data_received(self, data: bytes) -> None:
        """Hand on the frames that are whole."""
        self.heard_at = asyncio.get_running_loop().time()
        for frame in self._deframer.feed(data):
            self._owner.heard(frame, self.address)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """It is closed."""
        if self._idle is not None:
            self._idle.cancel()
        self._owner.remove(self)

    def send(self, datagram: bytes) -> None:
        """Send, or drop what would wait too long: the queue never grows beyond ``MAX_QUEUE``."""
        if self._transport is None or self._transport.is_closing():
            return
        waiting = self._transport.get_write_buffer_size()
        late = waiting > FEEDBACK_QUEUE and datagram and datagram[0] in _SRTP
        if late or waiting + len(datagram) > MAX_QUEUE or len(datagram) > MAX_FRAME:
            self._lost["tcp_queue"] += 1
        else:
            self._transport.write(framed(datagram))

    def close(self) -> None:
        """Close at once: what waits is not worth waiting for."""
        if self._transport is not None:
            self._transport.abort()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        left = self.heard_at + IDLE_SECONDS - loop.time()
        if left <= 0:
            self.close()
        else:
            self._idle = loop.call_later(left, self._look)


class StreamTransport(asyncio.DatagramTransport):
    """What aioice takes for a socket: all TCP connections of one session."""

    def __init__(self, protocol: Checks, leave: Callable[[], None]) -> None:
        """``leave`` is called once, when it is closed."""
        super().__init__()
        self._protocol = protocol
        self._leave = leave
        self._streams: dict[Address, Stream] = {}
        self._closing = False

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._streams)

    def add(self, stream: Stream) -> None:
        """It is connected."""
        if self._closing:
            stream.close()
            return
        if len(self._streams) >= MAX_STREAMS:
            self._streams.pop(self._most_silent()).close()
        self._streams[stream.address] = stream

    def remove(self, stream: Stream) -> None:
        """It is closed, from whichever side."""
        if self._streams.get(stream.address) is stream:
            del self._streams[stream.address]

    def heard(self, frame: bytes, address: Address) -> None:
        """A frame came."""
        if not self._closing:
            self._protocol.datagram_received(frame, address)

    def sendto(self, data: Any, addr: Any = None) -> None:  # noqa: ANN401 - asyncio's signature
        """Send over the connection from ``addr``, if it is still there."""
        stream = self._streams.get(addr)
        if stream is not None:
            stream.send(data)

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._closing

    def close(self) -> None:
        """Close every connection."""
        if self._closing:
            return
        self._closing = True
        self._leave()
        for stream in list(self._streams.values()):
            stream.close()
        self._protocol.connection_lost(None)

    abort = close

    def _most_silent(self) -> Address:
        return min(self._streams, key=lambda address: self._streams[address].heard_at)


class TcpPorts:
    """The TCP side of a worker: its sessions, and the connections that are handed to them.

    Attributes:
        port: of the acceptor.

    """

    def __init__(
        self, port: int, public: Address | None, credentials: Credentials, lost: Counter[str]
    ) -> None:
        """``public``: name and port of a proxy that leads to ``port``.

        ``lost`` is told what a full queue drops, as ``tcp_queue``.
        """
        self.port = port
        self._public = public
        self._proxies: tuple[str, ...] = ()
        self._credentials = credentials
        self._lost = lost
        self._sessions: dict[str, tuple[str, StreamTransport]] = {}
        self._tasks = TaskSet()
        self._supervisor = Supervisor()

    def __len__(self) -> int:
        """How many sessions can be reached."""
        return len(self._sessions)

    async def start(self) -> None:
        """Look the proxy up, now and every minute."""
        if self._public is not None:
            await self._look_up(self._public)
            look_up = partial(self._follow, self._public)
            self._supervisor.keep(look_up, "look-up of ICE_TCP_PUBLIC")

    def join(
        self, agent: Connection, component: int, hosts: Iterable[str]
    ) -> tuple[Checks | None, list[Candidate]]:
        """Make ``agent`` reachable, at ``hosts`` unless a proxy stands before them."""
        proxied = self._public is not None
        addresses = self._proxies if proxied else tuple(hosts)
        port = self._public[1] if self._public is not None else self.port
        candidates = [
            _candidate(component, address, port, number) for number, address in enumerate(addresses)
        ]
        if not candidates:
            return None, []
        ufrag = agent.local_username
        protocol = Checks(agent)
        transport = StreamTransport(protocol, lambda: self._leave(ufrag))
        protocol.connection_made(transport)
        protocol.local_candidate = candidates[0]
        self._sessions[ufrag] = (agent.local_password, transport)
        self._credentials.opened(ufrag, agent.local_password)
        return protocol, candidates

    def password_of(self, ufrag: str) -> str | None:
        """What the acceptor asks."""
        found = self._sessions.get(ufrag)
        return None if found is None else found[0]

    def take(self, ufrag: str, sock: socket.socket, read: bytes) -> bool:
        """Take a socket over, of which ``read`` was read; one that nobody claims is closed."""
        found = self._sessions.get(ufrag)
        if found is None:
            sock.close()
            return False
        self._tasks.start(self._connect(found[1], sock, read), "TCP connection")
        return True

    async def close(self) -> None:
        """Look up no more."""
        await self._supervisor.close()
        await self._tasks.close()

    async def _connect(self, transport: StreamTransport, sock: socket.socket, read: bytes) -> None:
        try:
            sock.setblocking(False)  # noqa: FBT003 - its signature
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            loop = asyncio.get_running_loop()
            stream = Stream(transport, read, self._lost)
            await loop.connect_accepted_socket(lambda: stream, sock)
        except OSError:  # the other side has gone
            sock.close()

    def _leave(self, ufrag: str) -> None:
        self._sessions.pop(ufrag, None)
        self._credentials.closed(ufrag)

    async def _follow(self, public: Address) -> None:
        while True:
            await asyncio.sleep(LOOK_UP_INTERVAL)
            await self._look_up(public)

    async def _look_up(self, public: Address) -> None:
        """The proxy's addresses, one a family; the old ones stay while nobody answers."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                found = await loop.getaddrinfo(*public, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError) as error:
            log.warning("ICE_TCP_PUBLIC: its address is not known: %s", type(error).__name__)
            return
        by_family = {family: address[0] for family, _, _, _, address in reversed(found)}
        addresses = tuple(str(address) for address in by_family.values())
        if addresses != self._proxies:
            log.info("ICE_TCP_PUBLIC has %d addresses", len(addresses))
        self._proxies = addresses


def _candidate(component: int, host: str, port: int, number: int) -> Candidate:
    """Describe where to connect to; the earlier of several is the better one."""
    preference = _PASSIVE + (1 << 13) - 1 - number
    return Candidate(
        foundation=candidate_foundation("host", "tcp", host),
        component=component,
        transport="tcp",
        priority=(TYPE_PREFERENCE << 24) + (preference << 8) + 256 - component,
        host=host,
        port=port,
        type="host",
        tcptype="passive",
    )
