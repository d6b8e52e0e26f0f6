"""Threads with tools: who waits gets what was made, or what went wrong."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from rtc_server.vision.thread_pool import ThreadPool


@pytest.fixture
async def pool() -> AsyncIterator[ThreadPool[str]]:
    pool = ThreadPool(2, "pool", lambda: threading.current_thread().name)
    await pool.start()
    yield pool
    await pool.close()


async def test_each_thread_has_its_own_tool(pool: ThreadPool[str]) -> None:
    together = threading.Barrier(2)

    def work(tool: str) -> str:
        together.wait(5)
        assert tool == threading.current_thread().name
        return tool

    assert {*await asyncio.gather(pool.run(work), pool.run(work))} == {"pool_0", "pool_1"}


async def test_what_the_work_raises_is_raised_and_the_thread_goes_on(pool: ThreadPool[str]) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda _: 1 // 0)
    assert await pool.run(len) == len("pool_0")


async def test_whoever_waits_no_longer_harms_nobody(pool: ThreadPool[str]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_: str) -> bool:
        begun.set()
        return go_on.wait(5)

    waiting = asyncio.create_task(pool.run(work))
    while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
        await asyncio.sleep(0.01)
    waiting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await pool.run(len) == len("pool_0")


async def test_close_cancels_what_has_not_begun_and_may_be_repeated() -> None:
    pool = ThreadPool(1, "closing", str)
    await pool.start()
    begun, go_on = threading.Event(), threading.Event()

    def work(_: str) -> bool:
        begun.set()
        return go_on.wait(5)

    first = asyncio.create_task(pool.run(work))
    while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
        await asyncio.sleep(0.01)
    second = asyncio.create_task(pool.run(len))
    await asyncio.sleep(0)
    closing = asyncio.create_task(pool.close())
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    assert await first
    await closing
    await pool.close()
    assert "closing_0" not in {thread.name for thread in threading.enumerate()}
