"""A PostgreSQL server of our own: a Unix socket, no port, no privileges."""

import shutil
import signal
import subprocess
from typing import Self

from tests.components import postgres_program
from tests.servers.process import GROUP, USER, ServerProcess, private_folder


class Postgres:
    """Its data lives in a temporary folder; the user ``postgres`` is trusted."""

    def __init__(self) -> None:
        self.folder = private_folder("postgres-")
        data = self.folder / "data"
        subprocess.run(
            [_program("initdb"), "-U", "postgres", "-A", "trust", "--no-sync", "-D", data],
            check=True,
            capture_output=True,
            cwd=self.folder,
            user=USER,
            group=GROUP,
        )
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}"]
        words = [word for setting in settings for word in ("-c", setting)]
        self._server = ServerProcess(
            [_program("postgres"), "-D", data, *words],
            ready="ready to accept connections",
            cwd=self.folder,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGINT)
        shutil.rmtree(self.folder)

    def start(self) -> None:
        self._server.start()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is its fast shutdown: it does not wait for clients."""
        self._server.stop(how)

    def execute(self, sql: str, database: str = "") -> None:
        subprocess.run(
            ["psql", "-h", self.folder, "-U", "postgres", "-qc", sql, database or "postgres"],
            check=True,
            capture_output=True,
        )

    def url(self, database: str) -> str:
        """The address for SQLAlchemy."""
        return f"postgresql://postgres:any@/{database}?host={self.folder}"


def _program(name: str) -> str:
    found = postgres_program(name)
    if found is None:
        raise FileNotFoundError(name)
    return str(found)
