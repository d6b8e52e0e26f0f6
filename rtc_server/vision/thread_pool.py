"""A few threads that each have a tool of their own, and work that is handed to any of them."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

Tool = TypeVar("Tool")
Result = TypeVar("Result")


class _Job:
    """One piece of work, and the future of whoever waits for it."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self._loop.create_future()

    def run(self, tool: object) -> None:
        """Do it, in a thread."""
        try:
            result = self._work(tool)
        except BaseException as error:  # noqa: BLE001 - it is the waiting one's to know
            self._settle(self._fail, error)
        else:
            self._settle(self._succeed, result)

    def _settle(self, how: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(how, what)

    def _succeed(self, result: object) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class ThreadPool(Generic[Tool]):
    """What ``ThreadPoolExecutor`` is for, on the way that every frame takes.

    There a job passes two futures with their locks and callbacks, which costs as much as a packet
    of video. Its queue is bounded by those who wait: each hands in one job at a time.
    """

    def __init__(self, size: int, name: str, equip: Callable[[], Tool]) -> None:
        """``equip`` makes the tool of a thread, in it."""
        self._equip = equip
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._names = [f"{name}_{number}" for number in range(size)]
        self._threads: list[threading.Thread] = []

    async def start(self) -> None:
        """Start all threads and wait until each has its tool; raises what ``equip`` raised."""
        equipped = []
        for name in self._names:
            tool: list[Tool] = []
            job = _Job(partial(self._fetch, tool))
            thread = threading.Thread(target=self._serve, args=(job, tool), name=name, daemon=True)
            self._threads.append(thread)
            equipped.append(job.future)
            thread.start()
        await asyncio.gather(*equipped)

    async def run(self, work: Callable[[Tool], Result]) -> Result:
        """Let one of the threads do ``work`` with its tool; raises what it raises."""
        job = _Job(work)
        self._jobs.put(job)
        result: Result = await job.future
        return result

    async def close(self) -> None:
        """Let the threads finish what they do; what still waits is cancelled. Idempotent."""
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    job.future.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        while self._threads:
            await asyncio.to_thread(self._threads.pop().join)

    def _fetch(self, tool: list[Tool], _: object) -> None:
        tool.append(self._equip())

    def _serve(self, equip: _Job, tool: list[Tool]) -> None:
        equip.run(None)
        while tool and (job := self._jobs.get()) is not None:
            job.run(tool[0])
            del job  # and with it the frame
