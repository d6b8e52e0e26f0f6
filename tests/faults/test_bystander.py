"""While others attack, a student on the same worker is measured as ever, and gets one exact row."""

import asyncio
import sys
import time

import pytest

from tests.eventually import eventually
from tests.fakes.attacker import ATTACKS
from tests.fakes.http_site import HttpSite, Request
from tests.process.conftest import Enrol, Serve
from tests.process.conftest import prepare as _prepare
from tests.process.conftest import site as _site
from tests.process.conftest import students as _students
from tests.process.student import Student
from tests.servers.service import ROOT, ServiceProcess

pytestmark = pytest.mark.timeout(300)

ATTACK_SECONDS = 5.0
A_SECOND = 9.0
"""Metrics that the student keeps, of the ten that a camera gives."""
MOST_BYTES = 150 * 2**20
"""By which the front process and the worker may grow meanwhile, each."""

prepare, site, students = _prepare, _site, _students


async def test_a_student_beside_attackers_is_measured_on(
    prepare: Serve, students: Enrol, site: HttpSite
) -> None:
    with prepare(MEDIA_WORKERS="1", MAX_OFFERS_PER_MINUTE="1000") as service:
        async with students(service) as student:
            await student.publish()
            await student.metrics(20)
            before = held_bytes(service)
            rates = {name: await rate_during(name, service, student) for name in ATTACKS}
            after = held_bytes(service)
            summary = await student.bye()
        await eventually(lambda: rows_of(student, site), 10, "the student's row")
    assert {name: rate for name, rate in rates.items() if rate < A_SECOND} == {}
    assert before.keys() == after.keys(), "a process went"
    assert all(after[pid] - before[pid] < MOST_BYTES for pid in before)
    assert len(rows_of(student, site)) == 1
    parts = summary["focused_time"] + summary["unfocused_time"] + summary["unknown_time"]
    assert parts == pytest.approx(summary["elapsed"], abs=0.003)


async def rate_during(name: str, service: ServiceProcess, student: Student) -> float:
    """Metrics a second while the attack runs, from its first moment to its last."""
    command = [sys.executable, "-m", "tests.fakes.attacker", name, service.url]
    attack = await asyncio.create_subprocess_exec(
        *command, str(ATTACK_SECONDS), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert attack.stdout is not None
    await attack.stdout.readline()
    heard = student.publisher.metrics
    while not heard.empty():
        heard.get_nowait()
    began = time.monotonic()
    code = await attack.wait()
    assert code == 0, name
    return heard.qsize() / (time.monotonic() - began)


def held_bytes(service: ServiceProcess) -> dict[int, int]:
    """Memory of the front process and of each worker."""
    return {each.pid: each.memory_info().rss for each in [service.process(), *service.workers()]}


def rows_of(student: Student, site: HttpSite) -> list[Request]:
    """What the site was posted of the student's session."""
    mine = student.ticket.session_id.encode()
    return [request for request in site.requests if mine in request.body]
