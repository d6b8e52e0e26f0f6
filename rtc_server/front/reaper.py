"""What front processes clear away: sessions that nobody holds, rows that are too old."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict

from rtc_server.base.clock import Clock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import (
    SessionClosed,
    SessionNotFound,
    StaleEpoch,
    StoreError,
    StoreUnavailable,
)
from rtc_server.session import totals
from rtc_server.session.ownership import SessionOwnership
from rtc_server.store.model import SessionRow
from rtc_server.store.store import Store

INTERVAL = 0.5
NAME = "reaper"
SWEEP_INTERVAL = 3600.0
DAY = 86400.0

log = logging.getLogger(__name__)


class Heartbeats:
    """Which sessions were not written for as long as they said, by this process's own clock.

    For a database that is a file: its rows' times come from whatever the clock of their writer
    was. What the row's two times say of each other is right all the same: how long to wait.
    """

    def __init__(self, clock: Clock) -> None:
        """No session was seen yet."""
        self._clock = clock
        self._seen: dict[str, tuple[tuple[object, ...], float]] = {}

    def silent(self, rows: list[SessionRow]) -> list[SessionRow]:
        """Those of ``rows``, all that are watched, that are overdue."""
        now = self._clock.monotonic()
        before, self._seen = self._seen, {}
        for row in rows:
            beat = (row.epoch, row.updated_at, row.deadline_at)
            was, since = before.get(row.session_id, (beat, now))
            self._seen[row.session_id] = (beat, since if was == beat else now)
        return [row for row in rows if now - self._seen[row.session_id][1] >= _patience(row)]

    def forget(self) -> None:
        """Give every session its whole patience again."""
        self._seen.clear()


def _patience(row: SessionRow) -> float:
    return max(0.0, (row.deadline_at or row.updated_at) - row.updated_at)


class Reaper:
    """Watches deadlines: a session that was not written before its own is ended here."""

    def __init__(
        self, store: Store, config: WorkerConfig, clock: Clock, ended: Callable[[str], None]
    ) -> None:
        """``ended`` is told each session that was ended here."""
        self._store = store
        self._config = config
        self._clock = clock
        self._ended = ended
        self._was_away = False
        self._beats = Heartbeats(clock)

    async def run(self) -> None:
        """Look for overdue sessions until cancelled."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                self._was_away = True
                log.warning("overdue sessions not ended: %s", error.code)
            await asyncio.sleep(INTERVAL)

    async def _look(self) -> None:
        """End what is overdue, each by itself.

        While the store was away no holder could write: each gets a lease to do so, lest what is
        in its memory be lost to an old checkpoint.
        """
        if self._was_away:
            await self._store.sessions.postpone(self._config.session.lease)
            self._beats.forget()
            self._was_away = False
        for row in await self._overdue():
            await self.end(row)

    async def _overdue(self) -> list[SessionRow]:
        sessions = self._store.sessions
        if sessions.keep_time:
            return await sessions.overdue()
        return self._beats.silent(await sessions.watched())

    async def release(self, worker: str) -> None:
        """``worker`` died: its sessions wait out the grace for their clients."""
        grace = self._config.session.reconnect_grace
        try:
            waiting = await self._store.sessions.release(worker, grace)
        except StoreError as error:
            log.warning("sessions of %s keep their deadlines: %s", worker, error.code)
            return
        log.info("%d sessions of %s wait for their clients", waiting, worker)

    async def end(self, row: SessionRow, reason: EndReason | None = None) -> None:
        """Settle the account of ``row`` as of its last checkpoint.

        ``reason`` replaces the one that the checkpoint left. Somebody who took the session
        meanwhile keeps it. One that cannot be settled is set aside; only a store that is away
        raises (:class:`StoreError`).
        """
        try:
            await self._settle(row, reason)
        except (StaleEpoch, SessionClosed, SessionNotFound):
            log.info("session %s is held again, or gone", row.session_id)
            return
        except StoreUnavailable:
            raise
        except Exception:  # whatever its row may hold: the next session must not wait for it
            log.exception("session %s cannot be settled: set aside", row.session_id)
            await self._set_aside(row)
        self._ended(row.session_id)

    async def _settle(self, row: SessionRow, reason: EndReason | None) -> None:
        book, left = await SessionOwnership.claim(
            self._store, self._config.forward, self._clock, row.session_id, NAME, seen=row.epoch
        )
        because = reason or left.reason
        account = left.settle(
            self._config.metrics, self._config.session.lease, worker_died=row.worker is None
        )
        await book.end(because, account, keep_checkpoint=left.broken)
        if left.broken:
            log.error("the checkpoint of session %s cannot be read: set aside", row.session_id)
        log.info("session %s ended: %s, from its checkpoint", row.session_id, because)

    async def _set_aside(self, row: SessionRow) -> None:
        now = await self._store.sessions.get(row.session_id)
        if now is not None:
            account = asdict(totals.read({"account": row.recorded}))
            await self._store.sessions.set_aside(row.session_id, now.epoch, account)


class Sweeper:
    """Keeps the store within its retention time."""

    def __init__(self, store: Store, clock: Clock, days: float) -> None:
        """``days`` after its end a session is deleted, once the site has its record."""
        self._store = store
        self._clock = clock
        self._days = days
        self._began = clock.now().timestamp() - clock.monotonic()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_INTERVAL)

    async def sweep(self) -> None:
        """Forget what is too old now."""
        # A clock that leaps forward must not delete a year: the earlier of two tellings counts.
        now = min(self._clock.now().timestamp(), self._began + self._clock.monotonic())
        before = now - self._days * DAY
        try:
            count = await self._store.retention.forget(before)
        except StoreError as error:
            log.warning("old sessions not deleted: %s", error.code)
            return
        if count:
            log.info("%d sessions older than %g days deleted", count, self._days)
