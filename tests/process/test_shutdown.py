"""SIGTERM, line by line: not ready, checkpointed, told, flushed, gone with exit code 0."""

import asyncio
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import aiohttp
import pytest

from tests.eventually import eventually
from tests.fakes.http_site import HttpSite, answers
from tests.fakes.pictures import astronaut, jpeg
from tests.fakes.socket_student import ConnectionGone, SocketStudent, stream
from tests.process.conftest import Enrol, Serve
from tests.process.records import the_only_record
from tests.servers.service import ServiceProcess

pytestmark = pytest.mark.timeout(120)

DRAIN = 4.0
SETTINGS = {"RECONNECT_GRACE_SECONDS": "20", "DRAIN_SECONDS": f"{DRAIN:g}"}
EXIT_SECONDS = DRAIN + 4.0
IDS = {"user_id": "7", "module_id": "3", "section_id": "2"}
SERVICE_RESTART = 1012


@pytest.fixture(scope="module")
def picture() -> bytes:
    return jpeg(astronaut())


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def state_of(service: ServiceProcess, session_id: str) -> str:
    with closing(sqlite3.connect(service.folder / "sessions.db")) as database:
        found = database.execute("SELECT state FROM sessions WHERE session_id = ?", [session_id])
        state: str = found.fetchone()[0]
        return state


async def last_words(student: SocketStudent) -> tuple[list[str], int | None]:
    """The codes of what the service still says, and how it closes."""
    codes: list[str] = []
    while True:
        try:
            (*_, message) = await student.hear("notice")
        except ConnectionGone as gone:
            return codes, gone.code
        codes.append(message["code"])


async def test_an_open_web_socket_is_told_closed_and_gone_on_with_by_the_next_process(
    prepare: Serve, site: HttpSite, http: aiohttp.ClientSession, picture: bytes
) -> None:
    first = prepare(**SETTINGS)
    await asyncio.to_thread(first.start)
    student = SocketStudent(http)
    await student.attach(first.url, **IDS)
    before = await stream(student, picture, 8)
    ending = asyncio.create_task(asyncio.to_thread(first.end))
    codes, close = await last_words(student)
    assert (codes, close) == (["draining"], SERVICE_RESTART)
    assert state_of(first, student.ticket["session_id"]) == "reconnecting"
    assert await ending == 0

    second = prepare(**SETTINGS)
    await asyncio.to_thread(second.start)
    await student.resume(second.url)
    after = await stream(student, picture, 3)
    assert after["seq"] == before["seq"] + 3
    summary = await student.bye()
    record = await the_only_record(site, 10)
    assert record["session_data"]["focused_time"] == pytest.approx(
        summary["focused_time"], abs=1e-3
    )
    assert summary["unknown_by_cause"]["reconnecting"] > 0


async def test_an_event_stream_does_not_hold_up_the_end(
    prepare: Serve, students: Enrol, http: aiohttp.ClientSession
) -> None:
    service = prepare(**SETTINGS)
    await asyncio.to_thread(service.start)
    async with students(service) as student:
        await student.publish()
        await student.metrics(3)
        async with http.get(f"{student.ticket.resource}/events") as events:
            assert events.status == 200
            began = time.monotonic()
            assert await asyncio.to_thread(service.end) == 0
            assert time.monotonic() - began < EXIT_SECONDS
            with suppress(aiohttp.ClientError):
                assert b'"draining"' in await events.read()


async def test_while_it_drains_it_is_not_ready_and_takes_no_session(
    prepare: Serve, http: aiohttp.ClientSession, picture: bytes
) -> None:
    service = prepare(**SETTINGS)
    await asyncio.to_thread(service.start)
    student = SocketStudent(http)
    await student.attach(service.url, **IDS)
    await stream(student, picture, 3)
    with closing(sqlite3.connect(service.folder / "sessions.db", isolation_level=None)) as locking:
        locking.execute("BEGIN IMMEDIATE")  # the checkpoint has to wait, and with it the drain
        ending = asyncio.create_task(asyncio.to_thread(service.end))
        await eventually(lambda: not service.ready(), 3.0, "it is not ready")
        async with http.get(f"{service.url}/readyz") as probe:
            assert (probe.status, (await probe.json())["ready"]) == (503, False)
        async with http.post(f"{service.url}/api/attach", json=_attach()) as refused:
            assert (refused.status, (await refused.json())["code"]) == (503, "overloaded")
            assert int(refused.headers["Retry-After"]) > 0
        locking.execute("ROLLBACK")
    codes, close = await last_words(student)
    assert (codes, close) == (["draining"], SERVICE_RESTART)
    assert await ending == 0


async def test_a_service_whose_workers_still_start_ends_as_well(prepare: Serve) -> None:
    service = prepare(**SETTINGS)
    await asyncio.to_thread(service.start, ready=False)
    assert await asyncio.to_thread(service.end, signal.SIGTERM, EXIT_SECONDS) == 0
    await eventually(lambda: not service.orphans(), 2.0, "no worker is left behind")


async def test_what_is_due_is_flushed_before_the_end(
    prepare: Serve, site: HttpSite, http: aiohttp.ClientSession, picture: bytes
) -> None:
    site.behaviours.insert(0, answers(503))
    service = prepare(**SETTINGS)
    await asyncio.to_thread(service.start)
    student = SocketStudent(http)
    await student.attach(service.url, **IDS)
    await stream(student, picture, 3)
    await student.bye()
    await eventually(lambda: site.requests, 5.0, "the first attempt, which fails")
    assert await asyncio.to_thread(service.end) == 0
    assert len(site.requests) == 2


async def test_sigterm_at_any_moment_under_load_ends_it_in_time(
    prepare: Serve, http: aiohttp.ClientSession, picture: bytes
) -> None:
    service = prepare(**SETTINGS | {"MEDIA_WORKERS": "2"})
    await asyncio.to_thread(service.start)
    quota = [asyncio.create_task(come_and_go(http, service, picture, who)) for who in range(8)]
    await asyncio.sleep(random.uniform(0.2, 2.5))
    began = time.monotonic()
    code = await asyncio.to_thread(service.end, signal.SIGTERM, 2 * EXIT_SECONDS)
    assert (code, time.monotonic() - began < EXIT_SECONDS) == (0, True)
    await eventually(lambda: not service.orphans(), 2.0, "no worker is left behind")
    for each in quota:
        each.cancel()
    await asyncio.gather(*quota, return_exceptions=True)


async def come_and_go(
    http: aiohttp.ClientSession, service: ServiceProcess, picture: bytes, who: int
) -> None:
    """Sessions of a student, one after the other, until the service is gone."""
    student = SocketStudent(http)
    while True:
        await student.attach(service.url, **IDS | {"user_id": str(who)})
        await stream(student, picture, 4)
        await student.bye()


def _attach() -> dict[str, object]:
    return {"v": 1, "type": "attach", **IDS}
