"""The store as a whole."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

from rtc_server.base.clock import Clock
from rtc_server.base.config import StoreConfig
from rtc_server.store.consents import Consents
from rtc_server.store.engine import Database
from rtc_server.store.outbox import Outbox
from rtc_server.store.retention import Retention
from rtc_server.store.samples import Samples
from rtc_server.store.sessions import Sessions
from rtc_server.store.tokens import Tokens


class Store:
    """What must survive a crash. Made by :meth:`open`, ended by :meth:`close`."""

    def __init__(self, database: Database) -> None:
        """Use ``database``, whose schema is up to date."""
        self._database = database
        self.sessions = Sessions(database)
        self.outbox = Outbox(database)
        self.consents = Consents(database)
        self.samples = Samples(database)
        self.retention = Retention(database)
        self.tokens = Tokens(database)

    @classmethod
    async def open(cls, config: StoreConfig, clock: Clock | None = None) -> Self:
        """Connect and migrate; ``clock``: instead of the database's own.

        Raises :class:`StoreUnavailable` when the database is out of reach, :class:`StoreError`
        when ``config`` names none that we know.
        """
        migrate = await asyncio.to_thread(_load_migrate)
        await migrate(config.database_url)
        return cls.connect(config, clock)

    @classmethod
    def connect(cls, config: StoreConfig, clock: Clock | None = None) -> Self:
        """Use a database that another process has migrated; raises :class:`StoreError`.

        Whether it can be reached shows when it is used.
        """
        return cls(Database(config.database_url, clock))

    @property
    def up(self) -> bool:
        """Whether the database was there when it was used last."""
        return self._database.up

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()


def _load_migrate() -> Callable[[str], Awaitable[None]]:
    """Alembic takes 0.2 s to load, and media workers need none."""
    from rtc_server.store.migrate import migrate  # noqa: PLC0415 - see above

    return migrate
