"""A session's connections come and go: none is left behind, and none speaks for another."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import psutil
import pytest

from tests.eventually import eventually
from tests.fakes.publisher import Publisher
from tests.fakes.whip import Ticket, WhipClient
from tests.servers.service import ServiceProcess

pytestmark = pytest.mark.blocks("the service is another process; its fixture waits for it")

OFFERS = 40


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("connections")
    with ServiceProcess(folder, media_workers="1", max_offers_per_minute="1000") as service:
        yield service


@pytest.fixture
async def http(service: ServiceProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(service.url) as session:
        yield session


def sockets(worker: psutil.Process) -> int:
    return len(worker.net_connections(kind="udp"))


async def resume(http: aiohttp.ClientSession, ticket: Ticket, offer: str) -> int:
    """Offer, and never connect."""
    headers = {"Content-Type": "application/sdp", "Resume-Token": ticket.resume_token}
    query = {"session_id": ticket.session_id}
    async with http.post("/whip", params=query, data=offer, headers=headers) as response:
        await response.read()
        return response.status


async def test_forty_offers_with_one_resume_token_leave_no_socket(
    service: ServiceProcess, http: aiohttp.ClientSession
) -> None:
    (worker,) = service.workers()
    before = sockets(worker)
    client, publisher, idle = WhipClient(http, service.url), Publisher(fps=10), Publisher()
    ticket = await client.publish(publisher)
    await asyncio.wait_for(publisher.metrics.get(), 20)
    offer = await idle.offer()
    statuses = await asyncio.gather(*(resume(http, ticket, offer) for _ in range(OFFERS)))
    assert set(statuses) == {201}
    await eventually(lambda: sockets(worker) <= before + 2, 20, "one served, one that may follow")
    while not publisher.metrics.empty():
        publisher.metrics.get_nowait()
    await asyncio.wait_for(publisher.metrics.get(), 5)  # the one that is connected goes on
    await client.end(ticket)
    await eventually(lambda: sockets(worker) == before, 20, "none is left")
    await publisher.close()
    await idle.close()


async def test_who_was_hidden_when_the_connection_broke_is_measured_on_the_next(
    service: ServiceProcess, http: aiohttp.ClientSession
) -> None:
    client, first = WhipClient(http, service.url), Publisher(fps=10)
    ticket = await client.publish(first, user_id="8")
    await asyncio.wait_for(first.opened.wait(), 10)
    await asyncio.wait_for(first.metrics.get(), 20)
    first.say({"v": 1, "type": "visibility", "state": "hidden"})
    cause = None
    while cause != "hidden":
        cause = (await asyncio.wait_for(first.metrics.get(), 10))["cause"]
    await first.kill()
    second = Publisher(fps=10)
    await client.resume(second, ticket)
    told = [await asyncio.wait_for(second.metrics.get(), 20) for _ in range(30)]
    await second.close()
    assert "hidden" not in {message["cause"] for message in told[10:]}
