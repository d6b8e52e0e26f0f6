"""Lets a unit of work finish although its caller is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE = 20.0


class Shelter:
    """Runs units of work as tasks of its own.

    A cancelled aiosqlite call goes on in its thread: the connection would be lost with its
    transaction open, and the database locked. So a cancelled caller waits for the unit to end,
    which takes milliseconds, and is cancelled then.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._units: set[asyncio.Task[Any]] = set()

    async def run(self, unit: Coroutine[Any, Any, T]) -> T:
        """Run ``unit`` to its end; its result and its exceptions are the caller's."""
        task = asyncio.create_task(unit)
        self._units.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task], timeout=_PATIENCE)
            raise

    async def close(self) -> None:
        """Wait for what still runs, then cancel it."""
        if self._units:
            await asyncio.wait(self._units, timeout=_PATIENCE)
        for task in self._units:
            task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._units.discard(task)
        if not task.cancelled():
            task.exception()  # nobody else asks for it when the caller was cancelled
