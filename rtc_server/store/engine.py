"""The connection to the database, and the one place where its exceptions are translated."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, Final, TypeVar

import aiosqlite
from sqlalchemy import event, exc, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from rtc_server.base.clock import Clock, SystemClock
from rtc_server.base.errors import StoreUnavailable
from rtc_server.store.address import Address, read_address
from rtc_server.store.file import FileWatch
from rtc_server.store.shelter import Shelter

T = TypeVar("T")
log = logging.getLogger(__name__)
Work = Callable[[AsyncConnection], Awaitable[T]]

SMALL_CACHE = "cache_size=-256"
"""KiB of pages that a connection of SQLite keeps."""
_BUSY_SECONDS = 15.0
_BUSY_PAUSE = 0.02
_PRIMARY_CODE = 0xFF
"""Of SQLite's extended error codes."""
_SERVER_TIME = {
    # PostgreSQL's now() stands still within a transaction
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())"),
    # not of local time, of which there is an hour twice in autumn
    "mysql": text("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000000"),
}
_DEADLOCK_TRIES = 5
_GOODBYE = 5.0
HOLDERS_FIRST = 1.5
_RECENTLY = 10.0
"""Seconds: see :meth:`Database.let_holders_write`."""
UNREADABLE: Final = object()
"""Stands for a JSON column's value that is none."""
_OUR_MISTAKES = (
    exc.ProgrammingError,
    exc.DataError,
    exc.IntegrityError,
    exc.NotSupportedError,
)
_LOST_RACE = ("40001", "40P01", 1213, 1020)
"""SQLSTATEs of PostgreSQL, numbers of MariaDB: the transaction may simply be run again."""


class Database:
    """Runs units of work as transactions; raises only errors of our own tree.

    ``read`` and ``write`` take a coroutine function of a connection. A ``write`` commits
    when it returns; it may be run again after a deadlock, so it must only touch the database.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        """Prepare an engine for ``url``; nothing is opened yet.

        ``clock``: instead of the database's own. Raises :class:`StoreError` for a ``url`` we
        know no driver for.
        """
        self._address = read_address(url)
        self.url = self._address.url
        self._clock = clock
        self.engine = _engine(self._address)
        self._shelter = Shelter()
        # SQLite has one writer at a time: queueing here is fair, its busy handler is not.
        one_writer = asyncio.Lock() if self.is_sqlite else None
        self._writing: AbstractAsyncContextManager[Any] = one_writer or nullcontext()
        self._away_at: float | None = None
        file = self.url.database if self.is_sqlite else None
        self._file = FileWatch(file) if file and file != ":memory:" else None
        self.up = True
        """Whether the last unit of work found the database as it should be."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def keeps_time(self) -> bool:
        """Whether all who use this database compare their deadlines with one clock.

        A file has no clock of its own: there each process stamps by its machine's, which may jump.
        """
        return self._clock is not None or not self.is_sqlite

    async def now(self, connection: AsyncConnection) -> float:
        """UTC epoch seconds by the database server's clock, so that no two machines' compare."""
        if self._clock is not None:
            return self._clock.now().timestamp()
        if self.is_sqlite:
            return SystemClock().now().timestamp()
        return float(await connection.scalar(_SERVER_TIME[self.url.get_backend_name()]) or 0.0)

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that only reads."""
        return await self._shelter.run(self._read(work))

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction and commit it."""
        return await self._shelter.run(self._write(work))

    async def let_holders_write(self) -> None:
        """Wait a moment where the database took nothing just now.

        Whoever holds a session tries once a second to write what it had to keep in memory. To
        take the session from it in the first moment that the database is back would lose that.
        """
        if self._away_at is not None and _loop_time() - self._away_at < _RECENTLY:
            await asyncio.sleep(HOLDERS_FIRST)

    async def close(self) -> None:
        """Let running transactions end, and close every connection."""
        await self._shelter.close()
        with suppress(TimeoutError):  # a server that is gone takes no goodbye
            async with asyncio.timeout(_GOODBYE):
                await self.engine.dispose()

    async def _read(self, work: Work[T]) -> T:
        async with self._watched():
            try:
                async with self.engine.connect() as connection:
                    return await work(connection)
            except (exc.SQLAlchemyError, OSError) as error:
                raise self._translated(error) from error

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """Know whether the database is there; raises :class:`StoreUnavailable` where its file went.

        Told once when it goes and once when it is back.
        """
        try:
            if self._file is not None:
                pool = self.engine.pool
                held = isinstance(pool, QueuePool) and pool.checkedin() + pool.checkedout() > 0
                await self._file.check(connected=held)
            yield
            if self._file is not None:
                await self._file.note()
        except StoreUnavailable as error:
            if not _is_race(error):
                self._note_up(error)
            raise
        self._note_up(None)

    def _note_up(self, problem: StoreUnavailable | None) -> None:
        up = problem is None
        if up is not self.up:
            self.up = up
            if problem is None:
                log.info("the database answers again")
            else:
                log.error("the database is away: %s", problem)

    async def _write(self, work: Work[T]) -> T:
        for _ in range(_DEADLOCK_TRIES - 1):
            try:
                return await self._write_once(work)
            except _LostRaceError:
                continue
        return await self._write_once(work)

    async def _write_once(self, work: Work[T]) -> T:
        async with self._watched():
            return await self._committed(work)

    async def _committed(self, work: Work[T]) -> T:
        try:
            async with self._writing, self.engine.connect() as plain:
                connection = await plain.execution_options(writes=True)
                async with connection.begin():
                    return await work(connection)
        except (exc.SQLAlchemyError, OSError) as error:
            translated = self._translated(error)
            if isinstance(translated, StoreUnavailable) and not _is_race(translated):
                self._away_at = _loop_time()
            raise translated from error

    def _translated(self, error: Exception) -> Exception:
        if isinstance(error, _OUR_MISTAKES) or _never_executed(error):
            return error
        cause = getattr(error, "orig", None)
        if _code_of(cause) in _LOST_RACE:
            return _LostRaceError(type(error).__name__)
        told = self._address.masked(_first_line(cause or error))
        return StoreUnavailable(f"{type(error).__name__}: {told}")


class _LostRaceError(StoreUnavailable):
    """Another transaction was in the way."""


def _is_race(error: StoreUnavailable) -> bool:
    return isinstance(error, _LostRaceError)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _engine(address: Address) -> AsyncEngine:
    backend = address.url.get_backend_name()
    options: dict[str, Any] = {
        "json_serializer": _json,
        "json_deserializer": _read_json,
        "pool_timeout": _BUSY_SECONDS,
        "hide_parameters": True,  # an error's text is logged, and they name students
    }
    if backend == "sqlite":
        options["connect_args"] = {"timeout": _BUSY_SECONDS}
    else:
        options |= {"isolation_level": "READ COMMITTED", "pool_pre_ping": True}
        options["connect_args"] = dict(address.connect)
    engine = create_async_engine(address.url, **options)
    if backend == "sqlite":
        event.listen(engine.sync_engine, "connect", _tune_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _json(value: object) -> str:
    # NaN is no JSON: PostgreSQL would refuse the row, so say it here, on every database.
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def _read_json(raw: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value, or :data:`UNREADABLE`: one broken row must not end a query of many."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return UNREADABLE


def _tune_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 -- adapted by SQLAlchemy
    connection.isolation_level = None  # BEGIN is ours, see below
    connection.driver_connection.text_factory = _read_text
    connection.run_async(_tune)


def _read_text(raw: bytes) -> str:
    """As SQLite stores text; what is no UTF-8 is told as such instead of failing the query."""
    return raw.decode("utf-8", errors="replace")


async def _tune(connection: aiosqlite.Connection) -> None:
    """WAL lets readers pass the writer.

    FULL syncs at every commit: with NORMAL a power cut may undo commits, and a record whose
    ``delivered`` is undone is posted again. A session commits every ten seconds, so the
    price is small. What is read is a row here and there: the system's own cache is enough, and
    each connection's would grow to 2 MB with the database.
    """
    await _into_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", SMALL_CACHE):
        await connection.execute(f"PRAGMA {pragma}")


async def _into_wal(connection: aiosqlite.Connection) -> None:
    """Wait for whoever makes the file at this moment: here SQLite's own timeout does not count."""
    give_up_at = _loop_time() + _BUSY_SECONDS
    while True:
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or _loop_time() > give_up_at:
                raise
            await asyncio.sleep(_BUSY_PAUSE)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer gets SQLITE_BUSY at once, whatever the timeout: so a writer
    # says so from the start.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _never_executed(error: Exception) -> bool:
    """A value that cannot be bound: SQLAlchemy's own error, not the database's."""
    return isinstance(error, exc.StatementError) and not isinstance(error, exc.DBAPIError)


def _code_of(cause: object) -> object:
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorname if hasattr(cause, "sqlite_errorname") else None
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return state
    arguments = getattr(cause, "args", ())
    return arguments[0] if arguments else None


def _first_line(error: object) -> str:
    return (str(error).splitlines() or [""])[0][:200]
