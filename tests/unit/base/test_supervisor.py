"""Tasks that are started again, on a real event loop."""

import asyncio

import pytest

from rtc_server.base import supervisor
from rtc_server.base.supervisor import Supervisor, TaskHealth


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.001)


async def test_a_task_that_fails_or_ends_is_started_again_and_counted() -> None:
    runs: list[int] = []
    third = asyncio.Event()
    kept = Supervisor()

    async def work() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("a row that nobody can read")
        if len(runs) == 3:
            third.set()
            await asyncio.Event().wait()

    kept.keep(work, "forwarder")
    await third.wait()
    assert kept.restarts() == {"forwarder": 2}
    assert kept.health() == {"forwarder": TaskHealth.RESTARTING}
    await kept.close()


async def test_a_task_that_was_calm_for_a_minute_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "CALM", 0.0)
    kept = Supervisor()
    failures = [OSError("no descriptors"), None]
    lives = asyncio.Event()

    async def work() -> None:
        failure = failures.pop(0)
        if failure is not None:
            raise failure
        lives.set()
        await asyncio.Event().wait()

    kept.keep(work, "reaper")
    await lives.wait()
    assert kept.health() == {"reaper": TaskHealth.OK}
    await kept.close()


async def test_closing_ends_the_tasks_and_starts_none_again() -> None:
    kept = Supervisor()
    ended = asyncio.Event()
    started = asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    kept.keep(work, "sweeper")
    await started.wait()
    await kept.close()
    assert ended.is_set()
    assert kept.restarts() == {"sweeper": 0}
