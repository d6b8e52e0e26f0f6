"""A server that no datagram reaches directly is reached through its TURN server."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rtc_server.base.config import IceServer
from rtc_server.base.errors import OfferRefused
from tests.fakes.viewer import viewer
from tests.loopback.conftest import MakePeer, MakePublisher
from tests.servers.coturn import Coturn

pytestmark = pytest.mark.needs("coturn")


@pytest.fixture(scope="module")
def coturn() -> Iterator[Coturn]:
    with Coturn() as server:
        yield server


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_relay_only_announces_the_relay_alone_and_media_flow_through_it(
    coturn: Coturn, make_peer: MakePeer, make_publisher: MakePublisher, transport: str
) -> None:
    peer = make_peer(ice_servers=coturn.servers(transport), ice_transport_policy="relay")
    publisher = make_publisher()
    answer = await peer.answer(await publisher.offer())
    candidates = [line for line in answer.splitlines() if line.startswith("a=candidate:")]
    assert candidates
    assert all(" typ relay" in line for line in candidates)
    await publisher.accept(answer)
    async with asyncio.timeout(20):
        await peer.connected()
        await viewer(peer).recv()
        peer.send_control('{"type": "hello"}')
        assert await publisher.hears("hello")
        await peer.close()


async def test_two_turn_servers_give_a_relay_each_and_one_that_is_down_is_not_waited_for(
    coturn: Coturn, make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    (there,) = coturn.servers("udp")
    by_name = replace(
        there, urls=tuple(url.replace("127.0.0.1", "localhost") for url in there.urls)
    )
    down = IceServer(("turn:127.0.0.2:9?transport=udp",), "user", "credential")
    for servers, relays in (((there, by_name), 2), ((down, there), 1)):
        peer = make_peer(ice_servers=servers, ice_transport_policy="relay", relay_timeout=20.0)
        async with asyncio.timeout(10):
            answer = await peer.answer(await make_publisher().offer())
        assert len(re.findall("(?m)^a=candidate:.* typ relay", answer)) == relays * 2
        await peer.close()


async def test_a_wrong_turn_secret_is_told_as_no_relay(
    coturn: Coturn, make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    servers = coturn.servers("udp", secret="another")
    peer = make_peer(ice_servers=servers, ice_transport_policy="relay")
    with pytest.raises(OfferRefused) as refused:
        await peer.answer(await make_publisher().offer())
    assert refused.value.code == "ice_no_relay"


async def test_a_relay_beside_host_candidates_does_not_keep_the_direct_path_from_winning(
    coturn: Coturn, make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer, publisher = make_peer(ice_servers=coturn.servers("udp")), make_publisher()
    answer = await peer.answer(await publisher.offer())
    assert " typ relay" in answer
    assert " typ host" in answer
    await publisher.accept(answer)
    async with asyncio.timeout(20):
        await peer.connected()
        await viewer(peer).recv()
    transport = peer._connection.transport
    assert transport is not None
    pair = transport.transport._connection._nominated[1]
    assert pair.local_candidate.type == "host"
