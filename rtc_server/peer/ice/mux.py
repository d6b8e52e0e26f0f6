"""One UDP socket a family for all sessions of a worker; runs in the worker's event loop.

A container publishes a port, a firewall opens one: not a thousand. What arrives is told apart by
the session's name in a check (USERNAME), by the transaction that an answer belongs to, or by the
address that a check of that session came from; anything else costs one look-up and is dropped.

The sockets are read here and not by asyncio's datagram transport, for three things that come beside
a datagram: the address that it was sent to, which its answer must come from (a machine has
several), how many the kernel has lost, and whether it was longer than anything of ours.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from aioice import Connection, stun

from rtc_server.base.errors import RtcServerError
from rtc_server.peer.ice import peek
from rtc_server.peer.ice.checks import Checks, host_candidate

RECEIVE_BUFFER = 4 * 1024 * 1024
"""Bytes that are asked for: a second of two hundred cameras while the loop is busy."""
MAX_DATAGRAM = 2048
"""Bytes; WebRTC stays below 1500, and what is longer is not for us."""
AT_A_TIME = 64
"""Datagrams that are read before the event loop's other work has its turn."""
MAX_ADDRESSES = 100
"""From which one session is heard at most; a network change costs a handful."""
ANY = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}  # noqa: S104 - all but what is not announced

# linux/socket.h and linux/in.h; Python has no names for them on every version
_SO_RCVBUFFORCE = 33
_SO_RXQ_OVFL = 40
_IP_PKTINFO = 8
_NO_FAMILY = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
_ANCILLARY = socket.CMSG_SPACE(20) + socket.CMSG_SPACE(4)
_COUNT = struct.Struct("I")

Address = tuple[str, int]

log = logging.getLogger(__name__)


class Member:
    """One ICE agent at the shared sockets."""

    def __init__(self, ufrag: str) -> None:
        """``ufrag``: our side's, which the other side's checks begin with."""
        self.ufrag = ufrag
        self.protocols: dict[tuple[socket.AddressFamily, bytes], MuxedChecks] = {}
        """By the local address that a datagram was sent to; empty where the socket has one only."""
        self.addresses: set[Address] = set()


class MuxedChecks(Checks):
    """aioice's protocol of one local address, on a socket that is shared."""

    def __init__(self, receiver: Connection, mux: "UdpMux", member: Member) -> None:
        """``receiver``: the agent."""
        super().__init__(receiver)
        self._mux = mux
        self._member = member

    def learn(self, addr: Address) -> None:
        """The agent has found a check from this address to be genuine."""
        self._mux.learn(self._member, addr)

    async def request(
        self,
        request: stun.Message,
        addr: Address,
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[stun.Message, Address]:
        """Ask, and have the answer brought here whoever gives it."""
        with self._mux.awaiting(request.transaction_id, self._member):
            return await super().request(request, addr, integrity_key, retransmissions)


class _Awaiting:
    """While it is entered, answers of one transaction go to one member."""

    def __init__(self, owners: dict[bytes, Member], transaction: bytes, member: Member) -> None:
        self._owners = owners
        self._transaction = transaction
        self._member = member

    def __enter__(self) -> None:
        self._owners[self._transaction] = self._member

    def __exit__(self, *_: object) -> None:
        self._owners.pop(self._transaction, None)


class SharedTransport(asyncio.DatagramTransport):
    """What aioice takes for the socket of one local address."""

    def __init__(
        self, port: "_Socket", local: bytes, protocol: MuxedChecks, leave: Callable[[], None]
    ) -> None:
        """``local``: packed address that datagrams leave from; empty: the socket's own."""
        super().__init__()
        self._port = port
        self._local = local
        self._protocol = protocol
        self._leave = leave
        self._closing = False

    def sendto(self, data: Any, addr: Any = None) -> None:  # noqa: ANN401 - asyncio's signature
        """Send now or never: nothing waits, as nothing does on the way."""
        if not self._closing:
            self._port.send(data, self._local, addr)

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._closing

    def close(self) -> None:
        """Leave the shared socket, which stays."""
        if not self._closing:
            self._closing = True
            self._leave()
            self._protocol.connection_lost(None)

    abort = close


class UdpMux:
    """The UDP port of a worker.

    Attributes:
        port: where it listens.
        buffer: bytes of the smallest receive buffer that the kernel gave.

    """

    def __init__(self, addresses: Iterable[str], port: int, lost: Counter[str]) -> None:
        """Listen on each of ``addresses``; none: on all, of both families.

        ``lost`` is told datagrams by cause: ``unknown`` (of no session), ``buffer`` (the kernel had
        no room), ``unsent``. Raises :class:`RtcServerError` with code ``ice_port_taken``.
        """
        self._lost = lost
        self._members: dict[str, Member] = {}
        self._by_address: dict[Address, Member] = {}
        self._owners: dict[bytes, Member] = {}
        self._sockets = _bound(tuple(addresses), port, self.take, lost)
        self.port = self._sockets[0].port
        self.buffer = min(each.buffer for each in self._sockets)
        log.info(
            "UDP port %d: a receive buffer of %d KiB (%d asked; net.core.rmem_max bounds it)",
            self.port,
            self.buffer // 1024,
            RECEIVE_BUFFER // 1024,
        )

    def __len__(self) -> int:
        """How many agents are reached through it."""
        return len(self._members)

    def join(self, agent: Connection, component: int, address: str) -> MuxedChecks | None:
        """Make ``agent`` reachable at ``address``; None where no socket of ours serves it."""
        found = next((each for each in self._sockets if each.serves(address)), None)
        if found is None:
            return None
        member = self._members.setdefault(agent.local_username, Member(agent.local_username))
        protocol = MuxedChecks(agent, self, member)
        key = found.key(address)

        def leave() -> None:
            member.protocols.pop((found.family, key), None)
            if not member.protocols:
                self._forget(member)

        transport = SharedTransport(found, key, protocol, leave)
        protocol.connection_made(transport)
        protocol.local_candidate = host_candidate(component, address, found.port)
        member.protocols[found.family, key] = protocol
        return protocol

    def learn(self, member: Member, addr: Address) -> None:
        """What comes from ``addr`` is of this member from now on."""
        former = self._by_address.get(addr)
        if former is member or len(member.addresses) >= MAX_ADDRESSES or not member.protocols:
            return
        if former is not None:
            former.addresses.discard(addr)
        self._by_address[addr] = member
        member.addresses.add(addr)

    def awaiting(self, transaction: bytes, member: Member) -> _Awaiting:
        """While this is entered, the answer of ``transaction`` goes to ``member``."""
        return _Awaiting(self._owners, transaction, member)

    @property
    def holdings(self) -> tuple[int, int, int]:
        """How many agents, addresses and open transactions are remembered."""
        return len(self._members), len(self._by_address), len(self._owners)

    def close(self) -> None:
        """Close the sockets; agents have left before."""
        for each in self._sockets:
            each.close()

    def _forget(self, member: Member) -> None:
        self._members.pop(member.ufrag, None)
        for addr in member.addresses:
            self._by_address.pop(addr, None)
        member.addresses.clear()

    def take(self, data: bytes, family: socket.AddressFamily, local: bytes, addr: Address) -> None:
        """Give a datagram, sent to the ``local`` address, to its session; drop what has none."""
        member = self._owner(data, addr)
        protocol = None if member is None else member.protocols.get((family, local))
        if protocol is None:
            self._lost["unknown"] += 1
        else:
            protocol.datagram_received(data, addr)

    def _owner(self, data: bytes, addr: Address) -> Member | None:
        """Whose datagram this is; one look-up, whatever it is.

        A check goes by its name, not by where it comes from: a student's next connection may well
        come from the address of the last one.
        """
        if not peek.is_stun(data):
            return self._by_address.get(addr)
        if peek.is_request(data):
            return self._members.get(peek.local_ufrag(data) or "")
        if peek.is_answer(data):
            return self._owners.get(peek.transaction_of(data))
        return self._by_address.get(addr)


class _Socket:
    """One bound socket: read in bursts, written without waiting."""

    def __init__(
        self,
        address: str,
        port: int,
        take: Callable[[bytes, socket.AddressFamily, bytes, Address], None],
        lost: Counter[str],
    ) -> None:
        """Raises ``OSError`` where it cannot be bound."""
        self.address = address
        self.family = _family(address)
        self._take = take
        self._lost = lost
        self._dropped = 0
        self._everywhere = address in ANY.values()
        self._socket = socket.socket(self.family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._configure()
            self._socket.bind((address, port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._readable)

    def serves(self, address: str) -> bool:
        """Whether what is sent to ``address`` arrives here."""
        return address == self.address or (self._everywhere and _family(address) == self.family)

    def key(self, address: str) -> bytes:
        """What tells ``address`` from this socket's others; nothing where it has one only."""
        return socket.inet_pton(self.family, address) if self._everywhere else b""

    def send(self, data: bytes, local: bytes, addr: Address) -> None:
        """Send from the local address, or drop: a full queue and a dead route are the network's."""
        try:
            if local:
                self._socket.sendmsg([data], [self._origin(local)], 0, addr)
            else:
                self._socket.sendto(data, addr)
        except OSError:
            self._lost["unsent"] += 1

    def close(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _configure(self) -> None:
        if self.family is socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.buffer = raise_receive_buffer(self._socket)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        if self._everywhere and self.family is socket.AF_INET:
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        elif self._everywhere:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)

    def _origin(self, local: bytes) -> tuple[int, int, bytes]:
        """The control message that chooses the address a datagram leaves from."""
        if self.family is socket.AF_INET:
            return socket.IPPROTO_IP, _IP_PKTINFO, bytes(4) + local + bytes(4)
        return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, local + bytes(4)

    def _readable(self) -> None:
        for _ in range(AT_A_TIME):
            try:
                data, beside, flags, addr = self._socket.recvmsg(MAX_DATAGRAM, _ANCILLARY)
            except OSError:  # nothing more, or an error that the next read is without
                return
            local = self._beside(beside) if beside else b""
            if flags & socket.MSG_TRUNC or not data:
                self._lost["unknown"] += 1
            else:
                self._take(data, self.family, local, (addr[0], addr[1]))

    def _beside(self, messages: list[tuple[int, int, bytes]]) -> bytes:
        """The local address of a datagram; what the kernel has lost is counted."""
        local = b""
        for level, kind, value in messages:
            if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL:
                dropped = _COUNT.unpack(value[:4])[0]
                self._lost["buffer"] += (dropped - self._dropped) & 0xFFFFFFFF
                self._dropped = dropped
            elif level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
                local = value[4:8]
            elif level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
                local = value[:16]
        return local


def raise_receive_buffer(sock: socket.socket) -> int:
    """Ask for ``RECEIVE_BUFFER``; the bytes that the kernel gives."""
    try:  # beyond net.core.rmem_max, for those who may
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    # the kernel tells twice what it gives, for what it keeps beside the bytes
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2


def _bound(
    addresses: tuple[str, ...],
    port: int,
    take: Callable[[bytes, socket.AddressFamily, bytes, Address], None],
    lost: Counter[str],
) -> list[_Socket]:
    """A socket on each address; a family that this machine has not is left out."""
    made: list[_Socket] = []
    for address in addresses or ANY.values():
        try:
            made.append(_Socket(address, port, take, lost))
        except OSError as error:
            if error.errno in _NO_FAMILY:
                continue
            for each in made:
                each.close()
            raise RtcServerError(
                f"UDP port {port} cannot be had: {error.strerror}", code="ice_port_taken"
            ) from error
    if not made:
        raise RtcServerError("no address to listen on for UDP", code="ice_port_taken")
    return made


def _family(address: str) -> socket.AddressFamily:
    is_v6 = ipaddress.ip_address(address).version == 6  # noqa: PLR2004
    return socket.AF_INET6 if is_v6 else socket.AF_INET
