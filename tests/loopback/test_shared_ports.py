"""Many publishers at one UDP port, or at one TCP port."""

import asyncio
import dataclasses
import re
import socket

import pytest

from rtc_server.base.config import PeerConfig
from rtc_server.base.errors import OfferRefused
from rtc_server.base.stats import Stats
from rtc_server.peer.ice.sockets import IceSockets
from tests.fakes.tcp_bridge import TcpBridge
from tests.fakes.viewer import viewer
from tests.loopback.conftest import MakePeer, MakePublisher

STUDENTS = 3
HERE = PeerConfig(ice_addresses=("127.0.0.1",))


async def test_publishers_share_a_port_and_none_gets_another_ones_pictures(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    sockets = await IceSockets.open(dataclasses.replace(HERE, ice_udp_port=0), Stats())
    assert sockets.udp is not None
    peers = [make_peer(sockets) for _ in range(STUDENTS)]
    answers: list[str] = []
    for peer in peers:
        publisher = make_publisher()
        answers.append(await peer.answer(await publisher.offer()))
        await publisher.accept(answers[-1])
    async with asyncio.timeout(20):
        for peer in peers:
            await peer.connected()
            assert peer.way == "direct"
            assert (await viewer(peer).recv()).width == 320
    ports = {port for sdp in answers for port in re.findall(r"udp \d+ 127.0.0.1 (\d+)", sdp)}
    assert ports == {str(sockets.udp.port)}
    for peer in peers:
        await peer.close()
    assert len(sockets.udp) == 0
    await sockets.close()


async def test_a_range_without_a_free_port_says_so(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        peer, publisher = make_peer(ice_port_range=(port, port)), make_publisher()
        with pytest.raises(OfferRefused) as refused:
            await peer.answer(await publisher.offer())
    assert refused.value.code == "ice_no_port"


async def test_by_tcp_alone_pictures_and_messages_pass(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    stats = Stats()
    config = dataclasses.replace(HERE, ice_tcp_port=0, ice_udp_port=0)
    sockets = await IceSockets.open(config, stats)
    assert sockets.acceptor is not None
    peer, publisher = make_peer(sockets), make_publisher()
    answer = await peer.answer(await publisher.offer())
    bridge, without_tcp = await TcpBridge.across(answer)
    await publisher.accept(without_tcp)
    async with asyncio.timeout(20):
        await peer.connected()
        assert (await viewer(peer).recv()).width == 320
        peer.send_control('{"type":"hello"}')
        assert await publisher.hears("hello")
    assert peer.way == "direct-tcp"
    assert stats.tcp_connections == {"handed": 1}
    assert bridge.frames > 0
    await peer.close()
    assert len(sockets.tcp or ()) == 0
    await bridge.close()
    await sockets.close()
