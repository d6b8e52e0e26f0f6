"""The migrations on PostgreSQL and MariaDB, each test with a database of its own."""

import pytest

from tests.unit.store.test_migrate import *  # noqa: F403


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    return empty_database_url
