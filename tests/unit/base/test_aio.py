"""Tasks that are never orphaned, and the box that holds the newest."""

import asyncio
import logging

import pytest

from rtc_server.base.aio import LatestBox, TaskSet, first_of
from rtc_server.base.errors import StaleEpoch


async def forever() -> None:
    await asyncio.Event().wait()


async def test_close_cancels_and_awaits_every_task() -> None:
    tasks = TaskSet()
    running = [tasks.start(forever(), f"task {number}") for number in range(3)]
    await tasks.close()
    assert all(task.cancelled() for task in running)
    assert len(tasks) == 0


async def test_two_may_close_at_once() -> None:
    tasks = TaskSet()
    tasks.start(forever(), "task")
    async with asyncio.timeout(5):
        await asyncio.gather(tasks.close(), tasks.close())
    assert len(tasks) == 0


async def test_a_task_that_ended_in_this_turn_of_the_loop_does_not_hold_up_close() -> None:
    tasks = TaskSet()
    ended = asyncio.Event()

    async def end() -> None:
        ended.set()

    task = tasks.start(end(), "task")
    await ended.wait()
    # Its callbacks are called later in this turn, so the set still holds it here.
    assert task.done()
    assert len(tasks) == 1
    async with asyncio.timeout(5):
        await tasks.close()
    assert len(tasks) == 0


async def test_close_also_ends_what_a_task_starts_while_it_is_cancelled() -> None:
    tasks = TaskSet()
    entered = asyncio.Event()

    async def stubborn() -> None:
        try:
            entered.set()
            await forever()
        finally:
            tasks.start(forever(), "late")

    tasks.start(stubborn(), "stubborn")
    await entered.wait()
    await tasks.close()
    assert len(tasks) == 0


async def test_a_failed_task_is_logged_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError

    tasks = TaskSet()
    with caplog.at_level(logging.ERROR):
        tasks.start(fail(), "doomed")
        await tasks.join()
    assert "task doomed failed" in caplog.text


async def test_the_box_keeps_the_newest_and_counts_the_dropped() -> None:
    box: LatestBox[int] = LatestBox()
    box.put(1)
    box.put(2)
    assert await box.get() == 2
    assert box.dropped == 1


async def test_a_box_is_waited_for() -> None:
    box: LatestBox[int] = LatestBox()
    waiting = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    box.put(3)
    assert await waiting == 3


async def end_with(outcome: str | Exception) -> str:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def until_cancelled(error: Exception) -> str:
    try:
        await forever()
    finally:
        raise error


async def test_the_first_outcome_counts_and_the_others_have_ended() -> None:
    before = asyncio.all_tasks()
    assert await first_of(end_with("one"), forever(), end_with("two")) == "one"
    assert asyncio.all_tasks() == before


async def test_a_planned_end_is_raised_and_no_fault_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(StaleEpoch):
        await first_of(end_with(StaleEpoch()), forever(), until_cancelled(StaleEpoch()))
    assert caplog.text == ""


async def test_a_fault_of_another_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert await first_of(end_with("one"), until_cancelled(ZeroDivisionError())) == "one"
    assert "ZeroDivisionError" in caplog.text
