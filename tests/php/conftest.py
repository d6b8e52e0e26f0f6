"""The real PHP and MariaDB."""

from tests.servers.fixtures import mariadb, php_site

__all__ = ["mariadb", "php_site"]
