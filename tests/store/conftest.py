"""The tests of the store, on the databases that it runs on besides SQLite."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.servers.fixtures import mariadb, postgres
from tests.unit.store.conftest import clock, other_store, store

__all__ = ["clock", "mariadb", "other_store", "postgres", "store"]


class Server(Protocol):
    """A MariaDB or a PostgreSQL."""

    def execute(self, sql: str, database: str = "") -> object: ...
    def url(self, database: str) -> str: ...


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("mariadb", marks=pytest.mark.needs("mariadb")),
        pytest.param("postgres", marks=pytest.mark.needs("postgres")),
    ],
)
def server(request: pytest.FixtureRequest) -> Server:
    """A database server of each kind, one after the other."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def empty_database_url(server: Server) -> Iterator[str]:
    """A database of its own, without a table."""
    server.execute("CREATE DATABASE empty")
    yield server.url("empty")
    server.execute("DROP DATABASE empty")


@pytest.fixture(scope="session")
def shared_database_url(server: Server) -> Iterator[str]:
    """A database that is migrated once: that takes longer than most of the tests."""
    server.execute("CREATE DATABASE shared")
    yield server.url("shared")
    server.execute("DROP DATABASE shared")


@pytest.fixture
def database_url(server: Server, shared_database_url: str) -> Iterator[str]:
    """A database without a row."""
    yield shared_database_url
    server.execute("DELETE FROM sessions", "shared")  # and with them all that belongs to them
