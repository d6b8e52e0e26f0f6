"""All sessions that run, looked at once a second for as long as somebody watches."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rtc_server.base.aio import TaskSet
from rtc_server.base.clock import Clock
from rtc_server.base.errors import Overloaded, StoreError
from rtc_server.front.placement import Placement
from rtc_server.store.store import Store
from signaling.live.entry import Entry
from signaling.live.stored_status import StoredStatuses
from signaling.live.watcher import Watcher

INTERVAL = 1.0
MOST = 1000
"""Sessions on the board; the newest are shown."""
MOST_WATCHERS = 64

log = logging.getLogger(__name__)


class Board:
    """Asks store and placement, and tells everybody who watches.

    The store says which sessions there are, on whichever front process; the placement how
    those that it reaches do now; their checkpoints tell of the others.
    """

    def __init__(self, store: Store, placement: Placement, clock: Clock) -> None:
        """Nothing is asked before somebody watches."""
        self._store = store
        self._placement = placement
        self._clock = clock
        self._stored = StoredStatuses(store)
        self._entries: dict[str, Entry] = {}
        self._watchers: set[Watcher] = set()
        self._looking: asyncio.Task[None] | None = None
        self._tasks = TaskSet()

    @asynccontextmanager
    async def watching(self, wants: Callable[[Entry], bool]) -> AsyncIterator[Watcher]:
        """Be told of the sessions that ``wants`` says yes to; raises :class:`Overloaded`."""
        if len(self._watchers) >= MOST_WATCHERS:
            raise Overloaded("Too many watch the live class at this moment.")
        watcher = Watcher(wants)
        self._watchers.add(watcher)
        if self._looking is None:
            self._looking = self._tasks.start(self._run(), "live board")
        else:
            watcher.put(self._entries.values())
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
            self._rest()

    def _rest(self) -> None:
        if not self._watchers and self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._entries.clear()

    def now(self) -> float:
        """UTC epoch seconds."""
        return self._clock.now().timestamp()

    async def close(self) -> None:
        """Send everybody away: the process stops."""
        for watcher in self._watchers:
            watcher.close()
        await self._tasks.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("live sessions not read: %s", error.code)
            except Exception:  # the root of the task: the next look may be better
                log.exception("live sessions not read")
            await asyncio.sleep(INTERVAL)

    async def _look(self) -> None:
        rows = await self._store.sessions.find(alive=True, limit=MOST)
        statuses = {status.session_id: status for status in await self._placement.statuses()}
        far = [row for row in rows if row.session_id not in statuses]
        for status in await self._stored.statuses(far, self.now()):
            statuses[status.session_id] = status
        fresh = {row.session_id: Entry(row, statuses[row.session_id]) for row in rows}
        news = [*fresh.values(), *await self._over(fresh)]
        self._entries = fresh
        for watcher in self._watchers:
            watcher.put(news)

    async def _over(self, fresh: dict[str, Entry]) -> list[Entry]:
        """What was on the board and is no more: it has ended (or was erased)."""
        gone = [session_id for session_id in self._entries if session_id not in fresh]
        rows = [await self._store.sessions.get(session_id) for session_id in gone]
        return [Entry(row, None) for row in rows if row is not None]
