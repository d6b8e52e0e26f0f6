"""The store as a whole."""

import asyncio
from typing import Self

from rtc_server.clock import Clock, SystemClock
from rtc_server.config import StoreConfig
from rtc_server.store.engine import Database
from rtc_server.store.migrate import migrate
from rtc_server.store.outbox import Outbox
from rtc_server.store.sessions import Sessions


class Store:
    """What must survive a crash. Made by :meth:`open`, ended by :meth:`close`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Use ``database``, whose schema is up to date."""
        self._database = database
        self.sessions = Sessions(database, clock)
        self.outbox = Outbox(database, clock)

    @classmethod
    async def open(cls, config: StoreConfig, clock: Clock | None = None) -> Self:
        """Connect and migrate.

        Raises :class:`StoreUnavailable` when the database is out of reach, :class:`StoreError`
        when ``config`` names none that we know.
        """
        # Alembic reads files and runs synchronously: not on this event loop.
        await asyncio.to_thread(asyncio.run, _migrated(config.database_url))
        database = Database(config.database_url)
        return cls(database, clock or SystemClock())

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()


async def _migrated(url: str) -> None:
    database = Database(url)
    try:
        await migrate(database)
    finally:
        await database.close()
