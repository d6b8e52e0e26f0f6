"""Fixtures of the real servers: import the ones you need into a folder's ``conftest.py``."""

from collections.abc import Iterator

import pytest

from tests.servers.mariadb import MariaDb
from tests.servers.php import PhpSite, create_site_database
from tests.servers.postgres import Postgres


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """One MariaDB for all tests of the run."""
    with MariaDb() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests of the run."""
    with Postgres() as server:
        yield server


@pytest.fixture
def php_site(mariadb: MariaDb) -> Iterator[PhpSite]:
    """A site with an empty table. Mark the test with ``needs("php", "mariadb")``."""
    create_site_database(mariadb)
    with PhpSite(mariadb) as site:
        yield site
