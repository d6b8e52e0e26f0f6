"""Two front processes and the workers of a Ray cluster, which loses machines and gets others."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import aiohttp
import pytest

from rtc_server.config import StoreConfig
from rtc_server.store.store import Store
from tests.eventually import eventually
from tests.fakes.http_site import HttpSite
from tests.fakes.pictures import jpeg, snow
from tests.process.conftest import Enrol, Serve
from tests.process.records import adds_up
from tests.process.student import Student
from tests.servers.postgres import Postgres
from tests.servers.ray_cluster import Node, RayCluster
from tests.servers.service import ServiceProcess

pytestmark = [pytest.mark.timeout(180), pytest.mark.needs("postgres")]

RESUMED_WITHIN = 10.0


@pytest.fixture
def cluster() -> Iterator[RayCluster]:
    with RayCluster() as running:
        yield running


@pytest.fixture
def database() -> Iterator[str]:
    with Postgres() as server:
        server.execute("CREATE DATABASE cluster")
        yield server.url("cluster")


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await Store.open(StoreConfig(database_url=database))
    yield opened
    await opened.close()


async def test_sessions_outlive_the_machines_that_hold_them(
    prepare: Serve,
    students: Enrol,
    site: HttpSite,
    cluster: RayCluster,
    store: Store,
    database: str,
) -> None:
    settings = cluster.settings() | {"DATABASE_URL": database}
    nodes = [await asyncio.to_thread(cluster.add) for _ in range(2)]
    here, there = prepare(**settings), prepare(**settings)
    await asyncio.gather(*(asyncio.to_thread(front.start) for front in (here, there)))
    for front in (here, there):
        await eventually(lambda front=front: ready_workers(front) == 2, 30.0, "two workers")  # type: ignore[misc] # a loop's value

    async with AsyncExitStack() as stack:
        one, two, three = [await stack.enter_async_context(students(here)) for _ in range(3)]
        for number, student in enumerate((one, two), 1):
            await student.publish(user_id=str(number))
            await student.metrics(3)
        leaving, staying = [await home(store, student, nodes) for student in (one, two)]
        assert leaving is not staying

        # The other front process finds what it has not opened.
        assert await state_told_by(there, one) == "live"
        assert (await event_told_by(there, two))["type"] == "metrics"
        await pictures_cross_front_processes(here, there, nodes)

        # A machine that is to go empties itself; one that joins is used at once.
        before = await one.metrics()
        await asyncio.to_thread(cluster.drain, leaving)
        assert (await one.hears("notice"))["code"] == "draining"
        one.turn_to(there)
        await one.come_back()
        assert (await one.metrics(3))["seq"] > before["seq"]
        assert await home(store, one, nodes) is staying
        await eventually(lambda: not leaving.is_there(), 15.0, "the empty machine is gone")
        joining = await asyncio.to_thread(cluster.add)
        nodes.append(joining)
        await eventually(
            lambda: ready_workers(here) == 2, 30.0, "a worker on the machine that joined"
        )
        await three.publish(user_id="3")
        await three.metrics(3)
        assert await home(store, three, nodes) is joining

        # A machine that fails: its sessions go on elsewhere, from either front process.
        staying.fail()
        async with asyncio.timeout(RESUMED_WITHIN):
            for student in (one, two):
                await student.vanish()
                await student.come_back()
                await student.metrics(3)
                assert await home(store, student, nodes) is joining

        # A front process that ends takes no session with it.
        assert await asyncio.to_thread(here.end) == 0
        summaries = [await student.bye() for student in (one, two, three)]
        await eventually(lambda: len(site.requests) >= 4, 5.0, "a record of each session")

    posted = [json.loads(request.body) for request in site.requests]
    records = {record["session_uuid"]: record for record in posted}
    assert len(records) == len(posted) == 4
    for summary in summaries:
        record = records[summary["session_id"]]
        adds_up(record)
        assert record["session_data"]["elapsed"] == pytest.approx(summary["elapsed"], abs=0.001)


async def pictures_cross_front_processes(
    here: ServiceProcess, there: ServiceProcess, nodes: list[Node]
) -> None:
    """A client of plain requests: attached at one front process, served by both."""
    picture = jpeg(snow(480, 360), subsampling=0)
    assert len(picture) > 150_000, "no picture that Ray would put into an object"
    async with aiohttp.ClientSession() as http:
        ids = {"user_id": "9", "module_id": "3"}
        attach = {"v": 1, "type": "attach", **ids}
        async with http.post(f"{here.url}/api/attach", json=attach) as response:
            attached = await response.json()
        for front in (here, there, here, there):
            url = f"{front.url}{attached['resource']}"
            headers = {"Content-Type": "image/jpeg"}
            async with http.post(f"{url}/frames", data=picture, headers=headers) as response:
                assert response.status == 200, await response.text()
                assert (await response.json())[0]["type"] == "metrics"
        async with http.post(f"{url}/messages", json={"v": 1, "type": "bye"}) as response:
            assert (await response.json())[-1]["type"] == "summary"
    holding = [node for node in nodes if node.object_store_holds(picture[1000:1100])]
    assert holding == []


async def home(store: Store, student: Student, nodes: list[Node]) -> Node:
    """The machine that holds the student's session."""
    row = await store.sessions.get(student.ticket.session_id)
    assert row is not None
    assert row.worker is not None
    worker = row.worker
    (node,) = [node for node in nodes if node.hosts(worker)]
    return node


async def state_told_by(front: ServiceProcess, student: Student) -> str:
    url = front.url + urlsplit(student.ticket.resource).path
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        state: str = (await response.json())["state"]
        return state


async def event_told_by(front: ServiceProcess, student: Student) -> dict[str, str]:
    """The first event of the session's stream."""
    url = front.url + urlsplit(student.ticket.resource).path + "/events"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        line = await response.content.readline()
        event: dict[str, str] = json.loads(line.removeprefix(b"data: "))
        return event


def ready_workers(front: ServiceProcess) -> int:
    """Media workers that take sessions, as ``front`` sees it."""
    lines = front.text("/metrics").splitlines()
    return sum(line.startswith("rtc_worker_ready{") and line.endswith(" 1.0") for line in lines)
