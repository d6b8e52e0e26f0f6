"""Forgets, every hour, what is older than it may be."""

import asyncio
import logging

from rtc_server.base.clock import Clock
from rtc_server.base.errors import StoreError
from rtc_server.store.store import Store

INTERVAL = 3600.0
DAY = 86400.0

log = logging.getLogger(__name__)


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
            await asyncio.sleep(INTERVAL)

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
