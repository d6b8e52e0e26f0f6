"""A database server that goes away and comes back."""

import asyncio

import pytest

from rtc_server.base.errors import StoreUnavailable
from rtc_server.store import Store
from tests.fakes.rows import created, new_session
from tests.servers.mariadb import MariaDb
from tests.servers.postgres import Postgres


async def test_a_server_that_is_away_is_unavailable_and_used_again_when_back(
    store: Store, server: MariaDb | Postgres
) -> None:
    session_id = await created(store)
    await asyncio.to_thread(server.stop)
    try:
        with pytest.raises(StoreUnavailable):
            await store.sessions.create(new_session())
        with pytest.raises(StoreUnavailable):
            await store.outbox.due_in()
    finally:
        await asyncio.to_thread(server.start)
    assert await store.sessions.get(session_id) is not None
    await created(store)
