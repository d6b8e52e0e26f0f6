"""Two small asyncio parts: a set of tasks that is never orphaned, and a one-slot box."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

from rtc_server.base.errors import RtcServerError

T = TypeVar("T")
log = logging.getLogger(__name__)


class TaskSet:
    """Owns background tasks: reports their failures, cancels and awaits them at the end."""

    def __init__(self) -> None:
        """Start empty."""
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """How many tasks still run."""
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Run ``work`` as a task of this set."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task %s failed", task.get_name(), exc_info=task.exception())

    async def join(self) -> None:
        """Wait until all tasks have ended by themselves."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """Cancel every task and wait until all have ended."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            # Not gather: from Python 3.12 on it returns at once when all are done, so that the
            # callbacks that empty this set would never run.
            await asyncio.wait(tasks)


class LatestBox(Generic[T]):
    """A queue of one: a newer item replaces the older (drops, never waits)."""

    def __init__(self) -> None:
        """Start empty."""
        self._item: T | None = None
        self._filled = asyncio.Event()
        self.dropped = 0

    def put(self, item: T) -> None:
        """Leave ``item``; an item nobody took is dropped and counted."""
        self.dropped += self._item is not None
        self._item = item
        self._filled.set()

    @property
    def filled(self) -> bool:
        """Whether an item waits to be taken."""
        return self._filled.is_set()

    async def wait(self) -> None:
        """Wait until there is an item, and leave it."""
        await self._filled.wait()

    async def get(self) -> T:
        """Wait for an item and take it."""
        await self.wait()
        item, self._item = self._item, None
        self._filled.clear()
        if item is None:
            raise RuntimeError("the box was filled with nothing")
        return item


async def first_of(*works: Coroutine[Any, Any, T]) -> T:
    """The outcome of whichever ends first, the earlier named where several do.

    The others are cancelled and awaited. What the first raises is raised here; what another raises
    meanwhile is logged where it is a fault and no outcome (:class:`RtcServerError`).
    """
    running = [asyncio.create_task(work, name="one of several") for work in works]
    others = list(running)
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        first = next(task for task in running if task.done())
        others.remove(first)
        return first.result()
    finally:
        await _cancel(others)


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for task in tasks:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, RtcServerError):
            log.error("task %s failed", task.get_name(), exc_info=error)
