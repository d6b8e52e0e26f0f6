"""The tests of the store, on the databases that it runs on besides SQLite."""

import itertools
from collections.abc import Iterator

import pytest

from tests.servers.fixtures import mariadb, postgres
from tests.unit.store.conftest import clock, other_store, store

__all__ = ["clock", "mariadb", "other_store", "postgres", "store"]

_numbers = itertools.count()


@pytest.fixture(
    params=[
        pytest.param("mariadb", marks=pytest.mark.needs("mariadb")),
        pytest.param("postgres", marks=pytest.mark.needs("postgres")),
    ]
)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database on a real server."""
    server = request.getfixturevalue(request.param)
    name = f"store_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name}")
