"""The database behind the store: its addresses, its limits, its failures."""

import asyncio
import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.config import StoreConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import StoreError, StoreUnavailable
from rtc_server.store import SessionState, Store
from rtc_server.store.address import read_address
from rtc_server.store.engine import Database
from tests.fakes.rows import created, new_session


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///var/a.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///var/a.db", "sqlite+aiosqlite"),
        ("postgres://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg"),
        ("mysql://u:p@h/d", "mysql+asyncmy"),
        ("mariadb://u:p@h/d", "mysql+asyncmy"),
    ],
)
def test_an_address_gets_the_asynchronous_driver(given: str, driver: str) -> None:
    assert read_address(given).url.drivername == driver


@pytest.mark.parametrize("given", ["", "nonsense", "oracle://u:secret@h/d", "redis://h"])
def test_another_address_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(StoreError) as refusal:
        read_address(given)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/sessions.db",
        "postgresql://postgres:any@/x?host=/nowhere",
        "mariadb://root@localhost/x?unix_socket=/nowhere/s",
    ],
)
async def test_a_database_out_of_reach_is_unavailable(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open(StoreConfig(url))


async def test_a_file_that_another_process_makes_is_waited_for(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # from here SQLite refuses WAL without any wait
        opening = asyncio.create_task(Store.open(StoreConfig(f"sqlite:///{tmp_path}/new.db")))
        await asyncio.wait([opening], timeout=0.5)
        assert not opening.done()
        other.execute("COMMIT")
    store = await opening
    await created(store)
    await store.close()


async def test_a_value_that_is_no_json_is_refused_on_every_database(store: Store) -> None:
    session_id = await created(store)
    with pytest.raises(StatementError):
        await store.sessions.end(session_id, 1, EndReason.IDLE, {"elapsed": float("nan")})


SLOW = text(
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000)"
    " SELECT count(*) FROM numbers"
)


async def test_a_cancelled_write_leaves_no_lock_behind(store: Store, database_url: str) -> None:
    session_id = await created(store)
    for steps in range(30):
        database = Database(database_url)  # its connection is part of what is cancelled
        write = asyncio.create_task(database.write(_reassign))
        for _ in range(steps):
            await asyncio.sleep(0)
        write.cancel()
        await asyncio.wait([write])
        async with asyncio.timeout(5):
            await store.sessions.mark(session_id, 1, SessionState.LIVE, float(steps))
        await database.close()
        row = await store.sessions.get(session_id)
        assert row is not None
        assert row.deadline_at == row.updated_at + steps
    gc.collect()  # a lost connection would complain now


async def test_a_write_that_is_cancelled_in_the_middle_is_whole(store: Store) -> None:
    session_id, begun = await created(store), asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        await _reassign(connection)
        begun.set()
        await connection.execute(SLOW)

    write = asyncio.create_task(store._database.write(slow))
    await begun.wait()
    write.cancel()
    with pytest.raises(asyncio.CancelledError):
        await write
    row = await store.sessions.get(session_id)
    assert row is not None
    assert row.worker == "reassigned"


async def test_closing_waits_for_what_still_runs(store: Store, other_store: Store) -> None:
    session_id = await created(store)
    write = asyncio.create_task(store._database.write(_reassign))
    await asyncio.sleep(0)
    await store.close()
    await write
    row = await other_store.sessions.get(session_id)
    assert row is not None
    assert row.worker == "reassigned"


async def _reassign(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE sessions SET worker = 'reassigned'"))


async def test_a_full_disk_is_unavailable_until_there_is_room(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sessions.db"
    store = await Store.open(StoreConfig(url))
    await _limit(store, pages=1)  # SQLite keeps what it has and grows no further
    with pytest.raises(StoreUnavailable, match="full"):
        await _fill(store)
    await _limit(store, pages=1_000_000)
    await store.sessions.create(new_session())
    await store.close()


async def _fill(store: Store) -> None:
    for _ in range(1000):
        await store.sessions.create(new_session(worker="w" * 100))


async def _limit(store: Store, pages: int) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    await store._database.read(work)  # its pool has one connection as long as nobody overlaps


async def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/sessions.db")

    async def pragmas(connection: AsyncConnection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [await connection.scalar(text(f"PRAGMA {name}")) for name in names]

    full = 2
    assert await database.read(pragmas) == ["wal", full, 1]
    await database.close()


async def test_a_reader_does_not_wait_for_a_writer(store: Store, other_store: Store) -> None:
    session_id = await created(store)
    wrote, read = asyncio.Event(), asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE sessions SET worker = 'slow'"))
        wrote.set()
        await read.wait()

    writing = asyncio.create_task(store._database.write(slow))
    await wrote.wait()
    row = await other_store.sessions.get(session_id)
    assert row is not None
    assert row.worker == "worker-1"
    read.set()
    await writing
