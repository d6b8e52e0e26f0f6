"""Two real peers on 127.0.0.1."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiortc import MediaStreamTrack

from rtc_server.base.clock import SystemClock
from rtc_server.peer.connection import Peer
from rtc_server.peer.ice.sockets import IceSockets
from tests.fakes.publisher import LOOPBACK, Publisher

MakePeer = Callable[..., Peer]
MakePublisher = Callable[..., Publisher]
Pair = Callable[..., Coroutine[Any, Any, tuple[Peer, Publisher]]]


@pytest.fixture
async def closing() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def make_peer(closing: AsyncExitStack) -> MakePeer:
    """Make peers that answer on loopback; keywords change the configuration."""

    def make(sockets: IceSockets | None = None, **changes: Any) -> Peer:  # noqa: ANN401 - whatever PeerConfig has
        config = dataclasses.replace(LOOPBACK, **changes)
        peer = Peer(config, SystemClock(), name="test", sockets=sockets)
        closing.push_async_callback(peer.close)
        return peer

    return make


@pytest.fixture
def make_publisher(closing: AsyncExitStack) -> MakePublisher:
    def make(
        track: MediaStreamTrack | None = None,
        **options: Any,  # noqa: ANN401 - whatever Publisher takes
    ) -> Publisher:
        publisher = Publisher(track, **options)
        closing.push_async_callback(publisher.close)
        return publisher

    return make


@pytest.fixture
def pair(make_peer: MakePeer, make_publisher: MakePublisher) -> Pair:
    """Connect a peer (``config=…``) and a publisher (other keywords)."""

    async def connect(
        track: MediaStreamTrack | None = None,
        *,
        config: dict[str, Any] | None = None,
        **options: Any,  # noqa: ANN401 - whatever Publisher takes
    ) -> tuple[Peer, Publisher]:
        peer, publisher = make_peer(**(config or {})), make_publisher(track, **options)
        async with asyncio.timeout(20):
            await publisher.connect(peer.answer)
            await peer.connected()
        return peer, publisher

    return connect
