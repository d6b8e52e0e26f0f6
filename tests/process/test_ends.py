"""How the service's processes end, and what becomes of the sessions they held."""

import asyncio
import signal
import time

import aiohttp
import pytest

from tests.eventually import eventually
from tests.fakes.http_site import HttpSite
from tests.fakes.pictures import astronaut, jpeg
from tests.fakes.socket_student import SocketStudent, stream
from tests.process.conftest import Enrol, Serve
from tests.process.records import the_only_record
from tests.servers.service import ServiceProcess

pytestmark = pytest.mark.timeout(120)

GRACE = 2.0
DRAIN = 5.0
SETTINGS = {
    "MEDIA_WORKERS": "1",
    "RECONNECT_GRACE_SECONDS": f"{GRACE:g}",
    "DRAIN_SECONDS": f"{DRAIN:g}",
}
CHECKPOINT_SECONDS = 10.0


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
async def test_the_next_process_ends_what_the_last_one_left(
    prepare: Serve,
    students: Enrol,
    site: HttpSite,
    how: signal.Signals,
    code: int,
) -> None:
    first = prepare(**SETTINGS)
    await asyncio.to_thread(first.start)
    async with students(first) as student:
        await student.publish()
        last = await student.metrics(20)

        began = time.monotonic()
        assert await asyncio.to_thread(first.end, how) == code
        assert time.monotonic() - began < DRAIN + 1
        await eventually(lambda: not first.orphans(), DRAIN + 1, "no worker is left behind")
        assert site.requests == []

        await asyncio.to_thread(prepare(**SETTINGS).start)
        record = await the_only_record(site, GRACE + 10)

    assert record["session_uuid"] == student.ticket.session_id
    assert record["end_reason"] == "drained"
    assert record["session_data"]["elapsed"] >= last["metrics"]["total_time"]


async def test_a_killed_worker_is_replaced_and_its_session_ends_after_the_grace(
    prepare: Serve, students: Enrol, site: HttpSite
) -> None:
    with prepare(**SETTINGS) as service:
        async with students(service) as student:
            await student.publish()
            await student.metrics(int(CHECKPOINT_SECONDS + 1) * 10)
            (worker,) = service.workers()
            worker.kill()
            killed = time.monotonic()
            await eventually(lambda: _replaced(service, worker.pid), 2.0, "another worker")
            await eventually(service.ready, 10.0, "it takes sessions")

            record = await the_only_record(site, GRACE + 5)

    assert time.monotonic() - killed >= GRACE
    assert record["end_reason"] == "worker_lost"
    assert record["session_data"]["elapsed"] == pytest.approx(CHECKPOINT_SECONDS + 1, abs=1.0)
    assert 0 < record["unknown_by_cause"]["reconnecting"] < CHECKPOINT_SECONDS


async def test_the_sessions_of_other_workers_do_not_notice(prepare: Serve, site: HttpSite) -> None:
    picture = jpeg(astronaut())
    with prepare(**SETTINGS | {"MEDIA_WORKERS": "2"}) as service:
        await eventually(lambda: service.log.count("is ready") == 2, 30.0, "both workers")
        async with aiohttp.ClientSession() as http:
            students = [SocketStudent(http), SocketStudent(http)]
            for number, student in enumerate(students):
                await student.attach(service.url, user_id=str(number), module_id="3")
                await stream(student, picture, 5)
            service.workers()[0].kill()
            told = await asyncio.gather(*(_goes_on(student, picture) for student in students))
            assert sorted(told) == [False, True]
            summary = await students[told.index(False)].bye()
    assert summary["frames_processed"] == 20
    assert not summary["unknown_by_cause"].get("reconnecting")
    assert site.requests


async def _goes_on(student: SocketStudent, picture: bytes) -> bool:
    """Send on; whether the session was lost on the way."""
    for _ in range(15):
        await student.say("ping", t=0)
        if (await student.hear_any("pong", "notice"))["type"] == "notice":
            return True
        await stream(student, picture, 1)
        await asyncio.sleep(0.2)
    return False


async def test_a_student_who_comes_back_goes_on_with_the_same_session(
    prepare: Serve, students: Enrol, site: HttpSite
) -> None:
    with prepare(**SETTINGS | {"RECONNECT_GRACE_SECONDS": "20"}) as service:
        async with students(service) as student:
            await student.publish()
            before = await student.metrics(20)
            session = student.ticket.session_id

            await student.vanish()
            await student.come_back()
            again = await student.metrics(10)
            assert student.ticket.session_id == session
            assert again["seq"] > before["seq"]

            (worker,) = service.workers()
            worker.kill()
            await eventually(lambda: _replaced(service, worker.pid), 2.0, "another worker")
            await eventually(service.ready, 10.0, "it takes sessions")
            await student.come_back()
            await student.metrics(10)
            assert student.ticket.session_id == session
            summary = await student.bye()
        record = await the_only_record(site, 3.0)

    assert record["session_uuid"] == session
    assert record["end_reason"] == "client_bye"
    assert summary["unknown_by_cause"]["reconnecting"] > 0.5
    assert summary["elapsed"] > before["metrics"]["total_time"] + 2.0


def _replaced(service: ServiceProcess, pid: int) -> bool:
    return [worker.pid for worker in service.workers()] not in ([], [pid])
