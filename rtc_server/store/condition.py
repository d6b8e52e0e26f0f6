"""What state a database is in, looked at without changing it."""

import os
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from rtc_server.base.errors import StoreUnavailable
from rtc_server.store.engine import Database
from rtc_server.store.migrate import newest_revision


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """A database that can be reached and written."""

    where: str
    """Its kind and place, without user and password."""
    revision: str | None
    """Of its tables; None: there are none yet."""
    newest: str
    """Revision that this version of the service brings it to."""


async def condition_of(url: str) -> StoreCondition:
    """Connect and begin a write; raises :class:`StoreError` where that is not possible.

    A file that does not exist yet is not made: its folder must be there, or a place for one.
    """
    database = Database(url)
    try:
        if _is_missing_file(database):
            _place_for(Path(database.url.database or ""))
            revision = None
        else:
            revision = await database.write(lambda connection: connection.run_sync(_revision))
    finally:
        await database.close()
    return StoreCondition(place_of(database.url), revision, newest_revision())


def _is_missing_file(database: Database) -> bool:
    return database.is_sqlite and not Path(database.url.database or "").exists()


def _place_for(file: Path) -> None:
    there = next(folder for folder in file.absolute().parents if folder.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise StoreUnavailable(f"nothing can be written in {there}")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def place_of(url: URL) -> str:
    """Kind and place of a database, without user and password."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return f"{kind} {url.database}"
    port = "" if url.port is None else f":{url.port}"
    return f"{kind} {url.database} at {url.host or 'this machine'}{port}"
