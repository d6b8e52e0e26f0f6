"""A minute of ``make chaos``: what must never happen there does not happen here either."""

import random

import pytest

from benchmarks.chaos import faults
from benchmarks.chaos.campaign import Act, Plan
from benchmarks.chaos.gate import Fault
from benchmarks.chaos.run import run
from tests.servers.small_disk import SmallDisk

pytestmark = [
    pytest.mark.needs("php", "mariadb", "small disk"),
    pytest.mark.timeout(240),
    pytest.mark.blocks("servers of the run are started and stopped"),
]


async def test_whatever_breaks_each_session_has_its_row() -> None:
    plan = Plan(sessions=12, students=5, peers=1)
    with SmallDisk() as disk:
        acts: list[Act] = [
            ("the answer is lost", faults.answering(Fault.CUT, 3.0)),
            ("the store's disk is full", faults.disk_full(disk, 3.0)),
            ("services killed", faults.services_killed(2, longest=1.0)),
            ("workers killed", faults.workers_killed(2, longest=1.0)),
        ]
        result = await run(plan, acts, disk.database, random.randrange(1_000_000), print)
    assert result.problems == []
    assert [figure for figure in result.figures() if not figure.ok] == []
