"""A store on SQLite; ``tests/store`` runs the same tests on the other databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rtc_server.base.config import StoreConfig
from rtc_server.store import Store
from tests.fakes.clock import HandClock


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """An empty database."""
    return f"sqlite:///{tmp_path}/folder/sessions.db"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[Store]:
    opened = await Store.open(StoreConfig(database_url), clock)
    yield opened
    await opened.close()


@pytest.fixture
async def other_store(
    store: Store,  # noqa: ARG001 -- it has migrated the database
    database_url: str,
    clock: HandClock,
) -> AsyncIterator[Store]:
    """The same database as another process sees it."""
    opened = await Store.open(StoreConfig(database_url), clock)
    yield opened
    await opened.close()
