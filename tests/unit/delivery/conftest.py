"""A store on SQLite in real time, as the forwarder has it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rtc_server.base.config import StoreConfig
from rtc_server.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(StoreConfig(f"sqlite:///{tmp_path}/sessions.db"))
    yield opened
    await opened.close()
