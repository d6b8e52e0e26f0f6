"""Threads with tools: who waits gets what was made, or what went wrong."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from rtc_server.vision.thread_pool import Crew


@pytest.fixture
async def crew() -> AsyncIterator[Crew[str]]:
    crew = Crew(2, "crew", lambda: threading.current_thread().name)
    await crew.start()
    yield crew
    await crew.close()


async def test_each_thread_has_its_own_tool(crew: Crew[str]) -> None:
    together = threading.Barrier(2)

    def work(tool: str) -> str:
        together.wait(5)
        assert tool == threading.current_thread().name
        return tool

    assert {*await asyncio.gather(crew.run(work), crew.run(work))} == {"crew_0", "crew_1"}


async def test_what_the_work_raises_is_raised_and_the_thread_goes_on(crew: Crew[str]) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await crew.run(lambda _: 1 // 0)
    assert await crew.run(len) == len("crew_0")


async def test_whoever_waits_no_longer_harms_nobody(crew: Crew[str]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_: str) -> bool:
        begun.set()
        return go_on.wait(5)

    waiting = asyncio.create_task(crew.run(work))
    while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
        await asyncio.sleep(0.01)
    waiting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await crew.run(len) == len("crew_0")


async def test_close_cancels_what_has_not_begun_and_may_be_repeated() -> None:
    crew = Crew(1, "closing", str)
    await crew.start()
    begun, go_on = threading.Event(), threading.Event()

    def work(_: str) -> bool:
        begun.set()
        return go_on.wait(5)

    first = asyncio.create_task(crew.run(work))
    while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
        await asyncio.sleep(0.01)
    second = asyncio.create_task(crew.run(len))
    await asyncio.sleep(0)
    closing = asyncio.create_task(crew.close())
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    assert await first
    await closing
    await crew.close()
    assert "closing_0" not in {thread.name for thread in threading.enumerate()}
