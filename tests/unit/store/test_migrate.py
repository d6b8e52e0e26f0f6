"""The migrations: they build the schema, and any number of processes may start at once."""

import asyncio
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.config import StoreConfig
from rtc_server.base.errors import StoreError
from rtc_server.store import Store
from rtc_server.store.migrate import alembic_config, migrate
from rtc_server.store.schema import METADATA
from tests.fakes.rows import created

OPEN = """
import asyncio, sys
from rtc_server.base.config import StoreConfig
from rtc_server.store import Store

async def main():
    store = await Store.open(StoreConfig(sys.argv[1]))
    print(await store.outbox.due_in())
    await store.close()

asyncio.run(main())
"""


async def test_the_migrations_build_the_schema(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async def work(connection: AsyncConnection) -> list[object]:
        return await connection.run_sync(differences)

    assert await store._database.read(work) == []


@pytest.mark.blocks("Alembic reads its scripts; the service does that in a thread")
async def test_every_migration_can_be_taken_back(store: Store, database_url: str) -> None:
    def back(connection: Connection) -> list[str]:
        command.downgrade(alembic_config(connection), "base")
        return inspect(connection).get_table_names()

    async def work(connection: AsyncConnection) -> list[str]:
        return await connection.run_sync(back)

    assert await store._database.write(work) == ["alembic_version"]
    await migrate(database_url)
    await created(store)


async def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            OPEN,
            database_url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in started:
        output, errors = await process.communicate()
        assert (output, process.returncode) == (b"None\n", 0), errors.decode()


async def test_the_database_of_a_newer_service_is_left_alone(
    store: Store, database_url: str
) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await store._database.write(work)
    with pytest.raises(StoreError, match="newer"):
        await Store.open(StoreConfig(database_url))
