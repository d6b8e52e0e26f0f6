"""The real servers that a fault needs."""

from tests.servers.fixtures import mariadb, php_site, postgres

__all__ = ["mariadb", "php_site", "postgres"]
