"""ICE restarts under the same DTLS: the old way carries until the new one does."""

import asyncio
import re

import pytest
from aioice import Candidate

from rtc_server.base.config import PeerConfig
from rtc_server.base.errors import OfferRefused
from rtc_server.base.stats import Stats
from rtc_server.peer.connection import Peer
from rtc_server.peer.ice.agent import IceAgent, Successor
from rtc_server.peer.ice.sockets import IceSockets
from tests.fakes.publisher import Publisher
from tests.fakes.viewer import viewer
from tests.loopback.conftest import MakePeer, MakePublisher, Pair

NEVER = "a=ice-ufrag:another1\r\na=ice-pwd:1234567890123456789012\r\n"
"""A restart whose client is never reached."""


class Restart:
    """What a browser does after ``restartIce()``."""

    def __init__(self, publisher: Publisher) -> None:
        transport = publisher.connection.transports[0].transport
        self.agent: IceAgent = transport._connection  # type: ignore[assignment]
        self.next = Successor(self.agent)
        self.next.ice_controlling = True
        self.answer = ""

    async def ask(self, peer: Peer) -> None:
        """Send the fragment, and take its answer."""
        await self.next.gather_candidates()
        lines = [f"a=ice-ufrag:{self.next.local_username}", f"a=ice-pwd:{self.next.local_password}"]
        lines += [f"a=candidate:{c.to_sdp()}" for c in self.next.local_candidates]
        self.answer = await peer.add_candidates("\r\n".join(lines), restart=True) or ""
        self.next.remote_username = self._of("ice-ufrag")[0]
        self.next.remote_password = self._of("ice-pwd")[0]

    async def go_over(self) -> None:
        """Check the service's candidates until one carries."""
        for value in self._of("candidate"):
            await self.next.add_remote_candidate(Candidate.from_sdp(value))
        self.agent._next = self.next
        self.agent._tasks.start(self.agent._switch(self.next), "restart")
        async with asyncio.timeout(10):
            while self.agent._active is not self.next:  # noqa: ASYNC110 - aioice has no event
                await asyncio.sleep(0.005)

    def _of(self, name: str) -> list[str]:
        return re.findall(rf"a={name}:([^\r]+)", self.answer)


async def pictures(peer: Peer, count: int) -> None:
    async with asyncio.timeout(10):
        for _ in range(count):
            await viewer(peer).recv()


async def switched(peer: Peer) -> None:
    async with asyncio.timeout(10):
        while peer._connection.agent._next is not None:  # noqa: ASYNC110 - aioice has no event
            await asyncio.sleep(0.005)


async def test_a_restart_moves_the_connection_and_nothing_is_lost(pair: Pair) -> None:
    peer, publisher = await pair()
    watching = viewer(peer)
    first = await asyncio.wait_for(watching.recv(), 10)
    agent = peer._connection.agent
    old = [protocol.transport for protocol in agent._protocols]
    restart = Restart(publisher)
    await restart.ask(peer)
    assert peer.way == "direct"  # by the old pair still
    await restart.go_over()
    await switched(peer)
    last = first
    for _ in range(10):
        frame = await asyncio.wait_for(watching.recv(), 10)
        assert frame.time - last.time < 0.35
        last = frame
    assert all(transport.is_closing() for transport in old)
    assert agent.pairs[0].local_candidate.port != old[0].get_extra_info("sockname", ("", 0))[1]
    peer.send_control('{"type":"hello"}')
    await asyncio.wait_for(publisher.hears("hello"), 10)
    assert not peer.lost.done()


async def test_a_restart_that_finds_no_way_leaves_the_connection_as_it_was(pair: Pair) -> None:
    peer, _ = await pair()
    answer = await peer.add_candidates(NEVER, restart=True)
    assert answer is not None
    assert "a=candidate:" in answer
    assert answer.endswith("a=end-of-candidates\r\n")
    await pictures(peer, 5)
    assert not peer.lost.done()
    await peer.close()
    assert peer._connection.agent._protocols == []


async def test_a_newer_restart_supersedes_the_one_under_way(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    stats = Stats()
    config = PeerConfig(ice_addresses=("127.0.0.1",), ice_udp_port=0)
    sockets = await IceSockets.open(config, stats)
    assert sockets.udp is not None
    peer, publisher = make_peer(sockets), make_publisher()
    await publisher.connect(peer.answer)
    await asyncio.wait_for(peer.connected(), 10)
    await peer.add_candidates(NEVER, restart=True)
    restart = Restart(publisher)
    await restart.ask(peer)
    assert len(sockets.udp) == 2  # the one that carries, and the newest
    await restart.go_over()
    await switched(peer)
    await pictures(peer, 3)
    assert len(sockets.udp) == 1
    await peer.close()
    assert len(sockets.udp) == 0
    await sockets.close()


async def test_fragments_of_before_the_restart_are_told_from_restarts(pair: Pair) -> None:
    peer, publisher = await pair()
    assert peer._offer is not None
    restart = Restart(publisher)
    await restart.ask(peer)
    await restart.go_over()
    with pytest.raises(OfferRefused) as late:
        await peer.add_candidates(f"a=ice-ufrag:{peer._offer.ufrag}\r\n")
    assert late.value.code == "precondition_failed"
    assert await peer.add_candidates(f"a=ice-ufrag:{restart.next.local_username}\r\n") is None
    with pytest.raises(OfferRefused) as unproven:
        await peer.add_candidates("a=ice-ufrag:newer123\r\n", restart=True)
    assert unproven.value.code == "ice_restart_unsupported"
