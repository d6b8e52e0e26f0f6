"""Keeps long-lived tasks running in whichever process starts them; runs in its event loop."""

import asyncio
import enum
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from rtc_server.base.aio import TaskSet

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
CALM = 60.0
"""Seconds without a failure after which a task counts as well again."""

log = logging.getLogger(__name__)


class TaskHealth(enum.StrEnum):
    """As ``/readyz`` tells it."""

    OK = "ok"
    RESTARTING = "restarting"
    """It failed within the last minute, or waits to be started again."""


@dataclass(slots=True)
class Watched:
    """What is known of one task."""

    restarts: int = 0
    running: bool = True
    failed_at: float | None = field(default=None)
    """Of the event loop's clock."""


class Supervisor:
    """Starts a task again that has failed or ended, each time a little later.

    Whoever needs a task that lives as long as the process gives it to :meth:`keep`; no exception
    but the cancellation by :meth:`close` ends it for good.
    """

    def __init__(self) -> None:
        """Watch nothing yet."""
        self._tasks = TaskSet()
        self._watched: dict[str, Watched] = {}

    def keep(self, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        """Run ``work()`` from now on, anew whenever it has ended."""
        watched = self._watched[name] = Watched()
        self._tasks.start(self._kept(work, name, watched), name)

    def health(self) -> dict[str, TaskHealth]:
        """How each task does, by name."""
        now = asyncio.get_running_loop().time()
        return {name: _health(watched, now) for name, watched in self._watched.items()}

    def restarts(self) -> dict[str, int]:
        """How often each task was started again, by name."""
        return {name: watched.restarts for name, watched in self._watched.items()}

    async def close(self) -> None:
        """Cancel every task and wait until all have ended."""
        await self._tasks.close()

    async def _kept(
        self, work: Callable[[], Coroutine[Any, Any, object]], name: str, watched: Watched
    ) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            began = loop.time()
            watched.running = True
            try:
                await work()
                log.error("%s has ended: started again in %.1f s", name, pause)
            except Exception:  # the root of every long-lived task
                log.exception("%s failed: started again in %.1f s", name, pause)
            if loop.time() - began > CALM:
                pause = FIRST_PAUSE
            watched.running, watched.failed_at = False, loop.time()
            watched.restarts += 1
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)


def _health(watched: Watched, now: float) -> TaskHealth:
    recently = watched.failed_at is not None and now - watched.failed_at < CALM
    return TaskHealth.OK if watched.running and not recently else TaskHealth.RESTARTING
