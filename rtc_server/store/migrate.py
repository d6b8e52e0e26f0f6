"""Bring the database to the newest schema; safe when several processes start at once."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.errors import StoreError, StoreUnavailable
from rtc_server.store.engine import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK_NUMBER = 0x72746373  # "rtcs": any number that others in the same database don't use
_LOCK_NAME = "rtc_server.migrate"
_LOCK_SECONDS = 10
PRIVATE = 0o600


async def migrate(url: str) -> None:
    """Apply what is missing, one process at a time; raises :class:`StoreError`.

    In a thread with a loop of its own: Alembic reads its scripts from the disk, and drivers
    are imported, which would hold up the caller's loop.
    """
    await asyncio.to_thread(_migrate, url)


def _migrate(url: str) -> None:
    database = Database(url)
    if database.is_sqlite:
        _make_folder(database.url.database or "")
    asyncio.run(_run(database))


async def _run(database: Database) -> None:
    try:
        await database.write(_locked_upgrade)
    finally:
        await database.close()


async def _locked_upgrade(connection: AsyncConnection) -> None:
    await _lock(connection)
    try:
        await connection.run_sync(_upgrade)
    finally:
        await _unlock(connection)


def _make_folder(file: str) -> None:
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        if file and file != ":memory:" and not file.startswith("file:"):
            _make_private(file)
    except OSError as error:
        raise StoreUnavailable(f"no folder for the database: {error.strerror}") from error


def _make_private(file: str) -> None:
    """Students' times are for nobody else on this machine; SQLite's log files take after it."""
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, PRIVATE))
    for path in (file, f"{file}-wal", f"{file}-shm"):
        with suppress(FileNotFoundError, PermissionError):
            os.chmod(path, PRIVATE)  # noqa: PTH101 - text, as SQLite has it


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for ``connection``; there is no ini file."""
    config = _config()
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that :func:`migrate` brings a database to."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:  # it stands at a revision that these scripts lack
        raise StoreError("the database belongs to a newer version of this service") from error


async def _lock(connection: AsyncConnection) -> None:
    # SQLite's BEGIN IMMEDIATE is the lock. PostgreSQL frees its own with the transaction.
    dialect = connection.dialect.name
    if dialect == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"))
    elif dialect in {"mysql", "mariadb"}:
        statement = text("SELECT GET_LOCK(:name, :seconds)")
        got = await connection.scalar(statement, {"name": _LOCK_NAME, "seconds": _LOCK_SECONDS})
        if got != 1:
            raise StoreUnavailable("another process migrates the database for too long")


async def _unlock(connection: AsyncConnection) -> None:
    # The connection goes back to the pool and would keep the lock: DDL commits do not free it.
    if connection.dialect.name in {"mysql", "mariadb"}:
        await connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": _LOCK_NAME})
