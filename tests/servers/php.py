"""PHP's own web server, and with a MariaDB behind it the site that records go to."""

import shutil
import signal
from pathlib import Path
from typing import Self

from tests.servers.mariadb import MariaDb, Row
from tests.servers.ports import lease
from tests.servers.process import ServerProcess, give_away, private_folder

ROOT = Path(__file__).parents[2]
PHP = ROOT / "php"
OLD_SITES = ROOT / "tests" / "php" / "site"
DATABASE = "site"
TABLE = "eye_tracking_sessions"


class PhpSite:
    """The files of ``php/`` and the two old kinds of endpoint, served over HTTP.

    ``url`` is the endpoint of ``php/``; ``endpoint(name)`` another one of the folder.
    """

    def __init__(self, database: MariaDb, **environment: str) -> None:
        self.database = database
        self.folder = private_folder("php-")
        for source in [*PHP.glob("*.php"), *OLD_SITES.glob("*.php")]:
            shutil.copy(source, self.folder)
        self._port = lease()  # PHP does not say which port it got for 0
        self._environment = {
            "PHP_CLI_SERVER_WORKERS": "4",
            "TRACKING_DB_DSN": f"mysql:unix_socket={database.socket};dbname={DATABASE}",
            "TRACKING_DB_USER": "root",
            **environment,
        }
        self._server = self._process()

    def __enter__(self) -> Self:
        self.start_php()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_php()
        shutil.rmtree(self.folder)

    @property
    def url(self) -> str:
        return self.endpoint("save_enhanced_tracking.php")

    def has_logged(self, text: str) -> bool:
        """Whether PHP writes ``text`` to its error log, within ten seconds of being asked."""
        return self._server.says(text)

    def endpoint(self, name: str) -> str:
        return f"http://127.0.0.1:{self._port}/{name}"

    def start_php(self) -> None:
        self._server.start()

    def stop_php(self, how: signal.Signals = signal.SIGKILL) -> None:
        self._server.stop(how)

    def send_signal(self, how: signal.Signals) -> None:
        """Send a signal to PHP and its workers, such as SIGSTOP."""
        self._server.send_signal(how)

    def configure(self, **environment: str) -> None:
        """Start PHP again with further settings, such as ``TRACKING_SAVE_SECRET``."""
        self.stop_php()
        self._environment |= environment
        self._server = self._process()
        self.start_php()

    def write(self, name: str, source: str) -> str:
        """Put another file beside the others; returns its address."""
        path = self.folder / name
        path.write_text(source)
        give_away(path)
        return self.endpoint(name)

    def query(self, sql: str) -> list[Row]:
        """Run ``sql`` on the site's database; values are text."""
        return self.database.query(sql, DATABASE)

    def rows(self) -> list[Row]:
        """The table that the endpoints write, oldest first."""
        return self.query(f"SELECT * FROM {TABLE} ORDER BY id")

    def _process(self) -> ServerProcess:
        return ServerProcess(
            ["php", "-S", f"127.0.0.1:{self._port}", "-t", self.folder],
            ready="started",
            cwd=self.folder,
            environment=self._environment,
        )


def create_site_database(database: MariaDb) -> None:
    """An empty site, as ``schema.sql`` makes it."""
    database.query(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}")
    database.query((PHP / "schema.sql").read_text(), DATABASE)
