"""Two front processes and the workers of a Ray cluster, which loses machines and gets others."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from rtc_server.base.config import StoreConfig
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


@dataclass
class Scene:
    """Two front processes and the machines behind both."""

    cluster: RayCluster
    store: Store
    here: ServiceProcess
    there: ServiceProcess
    nodes: list[Node]

    async def home(self, student: Student) -> Node:
        """The machine that holds the student's session."""
        row = await self.store.sessions.get(student.ticket.session_id)
        assert row is not None
        assert row.worker is not None
        worker = row.worker
        (node,) = [node for node in self.nodes if node.hosts(worker)]
        return node


@pytest.fixture
async def scene(prepare: Serve, cluster: RayCluster, store: Store, database: str) -> Scene:
    """Both front processes have a ready worker on each of two machines."""
    settings = cluster.settings() | {"DATABASE_URL": database}
    nodes = [await asyncio.to_thread(cluster.add) for _ in range(2)]
    fronts = here, there = prepare(**settings), prepare(**settings)
    await asyncio.gather(*(asyncio.to_thread(front.start) for front in fronts))
    for front in fronts:
        await eventually(partial(has_ready_workers, front, 2), 30.0, "two workers")
    return Scene(cluster, store, here, there, nodes)


async def test_sessions_outlive_the_machines_that_hold_them(
    students: Enrol, site: HttpSite, scene: Scene
) -> None:
    async with AsyncExitStack() as stack:
        one, two, three = [await stack.enter_async_context(students(scene.here)) for _ in range(3)]
        await begin(one, "1")
        await begin(two, "2")
        leaving, staying = await scene.home(one), await scene.home(two)
        assert leaving is not staying

        await the_other_front_process_finds_both(scene, one, two)
        await pictures_cross_front_processes(scene)
        await a_drained_machine_empties_itself(scene, leaving, one)
        assert await scene.home(one) is staying
        joining = await a_machine_that_joins_is_used_at_once(scene, three)
        await sessions_of_a_failed_machine_go_on(scene, staying, (one, two), joining)

        assert await asyncio.to_thread(scene.here.end) == 0, "and takes no session with it"
        summaries = [await student.bye() for student in (one, two, three)]
        await eventually(lambda: len(site.requests) >= 4, 5.0, "a record of each session")
    each_has_its_record(summaries, site)


async def begin(student: Student, user_id: str) -> None:
    await student.publish(user_id=user_id)
    await student.metrics(3)


async def the_other_front_process_finds_both(scene: Scene, one: Student, two: Student) -> None:
    """It has not opened them."""
    assert await state_told_by(scene.there, one) == "live"
    assert (await event_told_by(scene.there, two))["type"] == "metrics"


async def a_drained_machine_empties_itself(scene: Scene, leaving: Node, student: Student) -> None:
    """Its session goes on by way of the other front process."""
    before = await student.metrics()
    await asyncio.to_thread(scene.cluster.drain, leaving)
    assert (await student.hears("notice"))["code"] == "draining"
    student.turn_to(scene.there)
    await student.come_back()
    assert (await student.metrics(3))["seq"] > before["seq"]
    await eventually(lambda: not leaving.is_there(), 15.0, "the empty machine is gone")


async def a_machine_that_joins_is_used_at_once(scene: Scene, newcomer: Student) -> Node:
    joining = await asyncio.to_thread(scene.cluster.add)
    scene.nodes.append(joining)
    ready = partial(has_ready_workers, scene.here, 2)
    await eventually(ready, 30.0, "a worker on the machine that joined")
    await begin(newcomer, "3")
    assert await scene.home(newcomer) is joining
    return joining


async def sessions_of_a_failed_machine_go_on(
    scene: Scene, failing: Node, held: Iterable[Student], elsewhere: Node
) -> None:
    """From either front process."""
    failing.fail()
    async with asyncio.timeout(RESUMED_WITHIN):
        for student in held:
            await student.vanish()
            await student.come_back()
            await student.metrics(3)
            assert await scene.home(student) is elsewhere


def each_has_its_record(summaries: list[dict[str, Any]], site: HttpSite) -> None:
    """The three students', as they were told, and that of the client of plain requests."""
    posted = [json.loads(request.body) for request in site.requests]
    records = {record["session_uuid"]: record for record in posted}
    assert len(records) == len(posted) == 4
    for summary in summaries:
        record = records[summary["session_id"]]
        adds_up(record)
        assert record["session_data"]["elapsed"] == pytest.approx(summary["elapsed"], abs=0.001)


async def pictures_cross_front_processes(scene: Scene) -> None:
    """A client of plain requests: attached at one front process, served by both."""
    picture = jpeg(snow(480, 360), subsampling=0)
    assert len(picture) > 150_000, "no picture that Ray would put into an object"
    async with aiohttp.ClientSession() as http:
        ids = {"user_id": "9", "module_id": "3"}
        attach = {"v": 1, "type": "attach", **ids}
        async with http.post(f"{scene.here.url}/api/attach", json=attach) as response:
            attached = await response.json()
        for front in (scene.here, scene.there) * 2:
            url = f"{front.url}{attached['resource']}"
            headers = {"Content-Type": "image/jpeg"}
            async with http.post(f"{url}/frames", data=picture, headers=headers) as response:
                assert response.status == 200, await response.text()
                assert (await response.json())[0]["type"] == "metrics"
        async with http.post(f"{url}/messages", json={"v": 1, "type": "bye"}) as response:
            assert (await response.json())[-1]["type"] == "summary"
    holding = [node for node in scene.nodes if node.object_store_holds(picture[1000:1100])]
    assert holding == []


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


def has_ready_workers(front: ServiceProcess, count: int) -> bool:
    """Whether ``front`` sees so many media workers that take sessions."""
    lines = front.text("/metrics").splitlines()
    ready = [line for line in lines if line.startswith("rtc_worker_ready{")]
    return sum(line.endswith(" 1.0") for line in ready) == count
