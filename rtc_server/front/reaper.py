"""What front processes clear away: sessions that nobody holds, and rows that are too old."""

import asyncio
import logging
from collections.abc import Callable

from rtc_server.base.clock import Clock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed, StaleEpoch, StoreError
from rtc_server.session.ownership import SessionOwnership
from rtc_server.store.model import SessionRow
from rtc_server.store.store import Store

INTERVAL = 0.5
NAME = "reaper"
SWEEP_INTERVAL = 3600.0
DAY = 86400.0

log = logging.getLogger(__name__)


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

    async def run(self) -> None:
        """Look for overdue sessions until cancelled."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                self._was_away = True
                log.warning("overdue sessions not ended: %s", error.code)
            except Exception:  # the root of the task: one broken row must not stop it
                log.exception("overdue sessions not ended")
            await asyncio.sleep(INTERVAL)

    async def _look(self) -> None:
        """End what is overdue.

        While the store was away no holder could write: each gets a lease to do so, lest what is
        in its memory be lost to an old checkpoint.
        """
        if self._was_away:
            lease = self._config.session.lease
            await self._store.sessions.postpone(self._clock.now().timestamp() + lease)
            self._was_away = False
        for row in await self._store.sessions.overdue():
            await self.end(row)

    async def release(self, worker: str) -> None:
        """``worker`` died: its sessions wait out the grace for their clients."""
        deadline = self._clock.now().timestamp() + self._config.session.reconnect_grace
        try:
            waiting = await self._store.sessions.release(worker, deadline)
        except StoreError as error:
            log.warning("sessions of %s keep their deadlines: %s", worker, error.code)
            return
        log.info("%d sessions of %s wait for their clients", waiting, worker)

    async def end(self, row: SessionRow, reason: EndReason | None = None) -> None:
        """Settle the account of ``row`` as of its last checkpoint.

        ``reason`` replaces the one that the checkpoint left. Somebody who took the session
        meanwhile keeps it.
        """
        try:
            await self._settle(row, reason)
        except (StaleEpoch, SessionClosed):
            log.info("session %s is held again", row.session_id)
            return
        self._ended(row.session_id)

    async def _settle(self, row: SessionRow, reason: EndReason | None) -> None:
        book, left = await SessionOwnership.claim(
            self._store, self._config.forward, self._clock, row.session_id, NAME, seen=row.epoch
        )
        because = reason or left.reason
        await book.end(because, left.settle(self._config.metrics, _died_at(row)))
        log.info("session %s ended: %s, from its checkpoint", row.session_id, because)


def _died_at(row: SessionRow) -> float:
    """When the worker that held it was found dead (see :meth:`Reaper.release`); 0: not known."""
    return row.updated_at if row.worker is None else 0.0


class Sweeper:
    """Keeps the store within its retention time."""

    def __init__(self, store: Store, clock: Clock, days: float) -> None:
        """``days`` after its end a session is deleted, once the site has its record."""
        self._store = store
        self._clock = clock
        self._days = days

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_INTERVAL)

    async def sweep(self) -> None:
        """Forget what is too old now."""
        before = self._clock.now().timestamp() - self._days * DAY
        try:
            count = await self._store.retention.forget(before)
        except StoreError as error:
            log.warning("old sessions not deleted: %s", error.code)
            return
        if count:
            log.info("%d sessions older than %g days deleted", count, self._days)
