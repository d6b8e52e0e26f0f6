"""The ICE agent of one connection: which addresses, ports and servers it uses.

What aioice 0.13 lacks and this adds by overriding a few methods: a choice of local addresses
(its own list leaves out loopback), a port range, the public address of a 1:1 NAT, a bound
on gathering that leaves no socket behind when it is cancelled, checks that are asked again when the
other side checks, DTLS flights that are repeated, sockets that sessions share. The port range can
go with aioice's pull request 112 (issue 47).
"""

import asyncio
import copy
import ipaddress
import logging
import random
import socket
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any, cast

from aioice import Candidate, Connection, ConnectionClosed, TransportPolicy, stun
from aioice.ice import (
    CandidatePair,
    StunProtocol,
    relayed_candidate,
    server_reflexive_candidate,
)
from aioice.turn import UDP_SOCKET_BUFFER_SIZE
from aioice.utils import random_string
from aiortc import RTCIceTransport

from rtc_server.base.aio import TaskSet
from rtc_server.base.config import PeerConfig
from rtc_server.peer.ice.checks import Checks, host_candidate
from rtc_server.peer.ice.dtls_flight import Flight
from rtc_server.peer.ice.mux import MuxedChecks
from rtc_server.peer.ice.server import server_arguments, turn_arguments
from rtc_server.peer.ice.sockets import IceSockets
from rtc_server.peer.upstream import aioice as upstream

MAX_RELAYS = 2
"""TURN servers, of different hosts, that give a session an address: one may go down meanwhile."""
RESTART_SECONDS = 30.0
"""After which a restart that found no way is given up."""
UFRAG_LENGTH, PASSWORD_LENGTH = 8, 24
SECOND_RELAY = 0.3
"""Seconds that the others have once one has."""

_Question = Coroutine[Any, Any, Candidate]

MAX_REMOTE = 100
"""Addresses of the other side that are paired (RFC 8445, section 6.1.2.5); beyond them none is."""
MAX_WAITING = 256
"""Datagrams, and early checks, that may wait to be handled."""

log = logging.getLogger(__name__)


def is_loopback(address: str) -> bool:
    """Whether ``address`` is an IP address of the loopback interface."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class IceAgent(Connection):
    """aioice's connection with the addresses, ports and servers of a :class:`PeerConfig`."""

    def __init__(
        self,
        config: PeerConfig,
        take: Callable[[bytes], bool],
        username: str,
        password: str,
        sockets: IceSockets | None = None,
    ) -> None:
        """``take`` is shown each datagram of media or data, not STUN; says whether it took it.

        ``sockets``: what the worker's sessions share; without them each has ports of its own.
        """
        relay = config.ice_transport_policy == "relay"
        super().__init__(
            ice_controlling=False,
            transport_policy=TransportPolicy.RELAY if relay else TransportPolicy.ALL,
            local_username=username,
            local_password=password,
            **server_arguments(config.ice_servers),
        )
        self._config = config
        self._turns = turn_arguments(config.ice_servers, MAX_RELAYS)
        self._take = take
        self._sockets = sockets or IceSockets()
        self._flight = Flight(self._resend)
        self._active: IceAgent = self
        """Whose pair carries: this agent's, or after a restart its newest successor's."""
        self._next: IceAgent | None = None
        """The successor that does not carry yet."""
        self._tasks = TaskSet()

    @property
    def pairs(self) -> list[CandidatePair]:
        """The pair that carries, once there is one."""
        return list(self._active._nominated.values())

    async def restart(
        self, ufrag: str, password: str, candidates: Iterable[Candidate]
    ) -> "IceAgent":
        """Look for another way beside this one; once it carries, this one is given up.

        aioice and aiortc know no ICE restart (RFC 8445, section 9): a second agent does it, under
        the same DTLS. ``ufrag`` and ``password`` are the other side's new ones. A restart that is
        under way is superseded. Raises ``ConnectionError`` where there is no address to offer.
        """
        successor = Successor(self)
        successor.remote_username, successor.remote_password = ufrag, password
        await successor.gather_candidates()
        if self._closing or not successor.local_candidates:
            await successor.close()
            raise ConnectionError
        for candidate in candidates:
            await successor.add_remote_candidate(candidate)
        superseded, self._next = self._next, successor
        self._tasks.start(self._switch(successor), "ICE restart")
        if superseded is not None:
            await superseded.close()
        return successor

    async def _switch(self, successor: "IceAgent") -> None:
        """Go over to a successor once it has a pair, and tell when it is lost."""
        try:
            async with asyncio.timeout(RESTART_SECONDS):
                await successor.connect()
        except (ConnectionError, TimeoutError):
            await successor.close()
        if self._next is successor:
            self._next = None
        if not successor.pairs:
            return
        former, self._active = self._active, successor
        await former.retire()
        await successor.get_event()
        if self._active is successor:  # nobody has closed it: consent is gone
            self._emit_event(ConnectionClosed())

    async def retire(self) -> None:
        """Give up the sockets; what waits to be read stays to be read."""
        if self._query_consent_task is not None:
            self._query_consent_task.cancel()
            self._query_consent_task = None
        for pair in self._check_list:
            if pair.task is not None:
                pair.task.cancel()
        self._nominated.clear()
        for protocol in self._protocols:
            await protocol.close()
        self._protocols.clear()

    async def add_remote_candidate(self, remote_candidate: Candidate | None) -> None:
        """Try an address of the other side; after a restart it is one for the newest agent."""
        newest = self._next or self._active
        if newest is self:
            await super().add_remote_candidate(remote_candidate)
        else:
            await newest.add_remote_candidate(remote_candidate)

    async def recvfrom(self) -> tuple[bytes, int]:
        """Wait for the next datagram of whichever agent carries."""
        result = await self._queue.get() if self.pairs else None
        if result is None:
            raise ConnectionError("the connection is lost")
        return result

    def data_received(self, data: bytes, component: int) -> None:
        """Pass on to aiortc what nobody took."""
        self._flight.heard(data)
        if not self._take(data) and self._queue.qsize() < MAX_WAITING:
            super().data_received(data, component)

    async def recv(self) -> bytes:
        """Wait for the next of these; the others of this loop have a turn between two."""
        if not self._queue.empty():
            await asyncio.sleep(0)
        return await super().recv()

    def request_received(
        self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        """Answer a check; so many are kept until ours can begin."""
        if self._early_checks_done or len(self._early_checks) < MAX_WAITING:
            super().request_received(message, addr, protocol)

    async def send(self, data: bytes) -> None:
        """Send a datagram; one of a DTLS handshake is sent again while it is not answered."""
        self._flight.sent(data)
        await self._active.sendto(data, 1)

    async def close(self) -> None:
        """Close, and repeat nothing more."""
        self._flight.close()
        successors = {self._next, self._active} - {self, None}
        self._next, self._active = None, self
        for successor in successors:
            if successor is not None:
                await successor.close()
        await self._tasks.close()
        await super().close()

    def cut_off(self) -> None:
        """Let go of every socket at once, also of one whose TURN server owes us a goodbye."""
        self._flight.close()
        for protocol in self._protocols:
            client = getattr(protocol.transport, upstream.TURN_CLIENT, None)
            (protocol if client is None else client).transport.abort()

    def check_incoming(
        self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        """Take a check of the other side, which triggers ours (RFC 8445, section 7.3.1.4).

        aioice leaves alone a check that is under way: when that was lost it waits 0.5 s, then 1, 2.
        A peer asks every 50 to 200 ms until it is connected; so often we ask again, and never more.
        """
        known = any((c._network_host, c.port) == addr for c in self._remote_candidates)
        if not known and len(self._remote_candidates) >= MAX_REMOTE:
            return
        if isinstance(protocol, MuxedChecks):
            protocol.learn(addr)
        if isinstance(protocol, Checks):
            protocol.ask_again(addr)
        super().check_incoming(message, addr, protocol)

    def _resend(self, data: bytes) -> None:
        pair = self._active._nominated.get(1)
        if pair is not None:
            pair.protocol.transport.sendto(data, pair.remote_addr)

    async def gather_candidates(self) -> None:
        """Gather; when the connection was closed meanwhile, leave no socket behind."""
        try:
            await super().gather_candidates()
        finally:
            if self._closing:
                await self.close()

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109, ARG002 - aioice's signature
    ) -> list[Candidate]:
        """Gather host, server-reflexive and relayed candidates, for a bounded time."""
        relay_only = self._transport_policy is TransportPolicy.RELAY
        chosen = [] if relay_only else list(self._config.ice_addresses) or addresses
        hosts = [host for address in chosen if (host := await self._bind(component, address))]
        announced = [self._announced(host.local_candidate) for host in hosts]
        announced += self._join_tcp(component, chosen)
        return announced + await self._ask(list(self._questions(component, hosts)))

    def _join_tcp(self, component: int, addresses: list[str]) -> list[Candidate]:
        """Be reached by TCP as well, where the worker is."""
        if self._sockets.tcp is None or not addresses:
            return []
        protocol, candidates = self._sockets.tcp.join(self, component, addresses)
        if protocol is not None:
            self._protocols.append(protocol)
        return [self._announced(candidate) for candidate in candidates]

    # ------------------------------------------------------------ host candidates

    async def _bind(self, component: int, address: str) -> StunProtocol | None:
        """Join the worker's port, or open a socket, at a free port of the range if there is one."""
        if self._sockets.udp is not None:
            shared = self._sockets.udp.join(self, component, address)
            if shared is not None:
                self._protocols.append(shared)
            return shared
        loop = asyncio.get_running_loop()
        for port in self._ports():
            try:
                transport, protocol = await loop.create_datagram_endpoint(
                    lambda: Checks(self), local_addr=(address, port)
                )
            except OSError:
                continue
            self._protocols.append(protocol)
            sock = cast("socket.socket", transport.get_extra_info("socket"))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_SOCKET_BUFFER_SIZE)
            host, bound = transport.get_extra_info("sockname")[:2]
            protocol.local_candidate = host_candidate(component, host, bound)
            return protocol
        log.warning("no UDP port to bind on one of the local addresses")
        return None

    def _ports(self) -> Iterator[int]:
        """All ports of the range from a random one on; 0 lets the system choose."""
        if self._config.ice_port_range is None:
            yield 0
            return
        low, high = self._config.ice_port_range
        count = high - low + 1
        start = random.randrange(count)  # noqa: S311 - spreads load, keeps no secret
        for step in range(count):
            yield low + (start + step) % count

    def _announced(self, candidate: Candidate) -> Candidate:
        """Put the public address in place of a host address of the same family (1:1 NAT)."""
        public = self._config.ice_public_address
        if candidate.transport == "tcp" and self._config.ice_tcp_public is not None:
            return candidate
        if public is None or _version(public) != _version(candidate.host):
            return candidate
        announced = copy.copy(candidate)
        announced.host = public
        return announced

    # ------------------------------------------------------------ what servers tell

    def _questions(self, component: int, hosts: list[StunProtocol]) -> Iterator[_Question]:
        if self.stun_server is not None:
            for host in hosts:
                if _version(host.local_candidate.host) == 4:  # noqa: PLR2004 - aioice resolves IPv4 only
                    yield _reflexive(host, self.stun_server)
        for turn in self._turns:
            yield self._relayed(component, turn)

    async def _ask(self, questions: list[_Question]) -> list[Candidate]:
        """Candidates of the servers that answer in time; the others are given up."""
        if not questions:
            return []
        tasks = [asyncio.create_task(question, name="ICE gathering") for question in questions]
        try:
            await self._answered(set(tasks))
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        found = [result for result in results if isinstance(result, Candidate)]
        if len(found) < len(tasks):
            log.warning("%d of %d ICE server requests failed", len(tasks) - len(found), len(tasks))
        return found

    async def _answered(self, pending: set[asyncio.Task[Candidate]]) -> None:
        """Wait for so long at most, and not for a second relay once there is one."""
        loop = asyncio.get_running_loop()
        relay_only = self._transport_policy is TransportPolicy.RELAY
        patience = self._config.relay_timeout if relay_only else self._config.gather_timeout
        until = loop.time() + patience
        while pending and (left := until - loop.time()) > 0:
            done, pending = await asyncio.wait(
                pending, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            if any(_is_relay(task) for task in done):
                until = min(until, loop.time() + SECOND_RELAY)

    async def _relayed(self, component: int, turn: dict[str, Any]) -> Candidate:
        candidate, protocol = await relayed_candidate(
            component=component,
            hide_related_address=self._transport_policy is TransportPolicy.RELAY,
            protocol_factory=lambda: Checks(self),
            **turn,
        )
        self._protocols.append(protocol)
        return candidate


class Successor(IceAgent):
    """The agent of an ICE restart: its datagrams are its first agent's."""

    def __init__(self, first: IceAgent) -> None:
        """``first``: the one that aiortc knows."""
        name, password = random_string(UFRAG_LENGTH), random_string(PASSWORD_LENGTH)
        super().__init__(first._config, first._take, name, password, first._sockets)
        self._first = first

    def data_received(self, data: bytes, component: int) -> None:
        """Hand on what is no STUN."""
        self._first.data_received(data, component)


async def _reflexive(host: StunProtocol, stun_server: tuple[str, int]) -> Candidate:
    candidate, _ = await server_reflexive_candidate(host, stun_server)
    return candidate


def _is_relay(task: asyncio.Task[Candidate]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().type == "relay"


def _version(address: str) -> int:
    return ipaddress.ip_address(address).version


def fit_ice_agent(
    transport: RTCIceTransport,
    config: PeerConfig,
    take: Callable[[bytes], bool],
    sockets: IceSockets | None = None,
) -> None:
    """Put an :class:`IceAgent` in place of the agent that aiortc made for ``transport``.

    Must come before candidates are gathered.
    """
    made = transport._connection
    agent = IceAgent(config, take, made.local_username, made.local_password, sockets)
    transport.iceGatherer._connection = agent
    transport._connection = agent
    transport._recv = agent.recv
    transport._send = agent.send
