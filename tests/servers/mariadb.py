"""A MariaDB server of our own: a Unix socket, no port, no privileges."""

import shutil
import signal
import subprocess
from typing import Self
from xml.etree import ElementTree as ET

from tests.servers.process import GROUP, USER, ServerProcess, private_folder

Row = dict[str, str | None]
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class MariaDb:
    """Its data lives in a temporary folder; root has no password."""

    def __init__(self) -> None:
        self.folder = private_folder("mariadb-")
        self.socket = self.folder / "s"
        data = self.folder / "data"
        install = [
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--datadir={data}",
        ]
        subprocess.run(install, check=True, capture_output=True, user=USER, group=GROUP)
        self._server = ServerProcess(
            [
                "mariadbd",
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={self.socket}",
                f"--pid-file={self.folder}/pid",
                "--skip-networking",
                "--innodb-buffer-pool-size=64M",
            ],
            ready="ready for connections",
            cwd=self.folder,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        self._server.start()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._server.stop(how)

    def query(self, sql: str, database: str = "") -> list[Row]:
        """Run ``sql``; rows with their values as text, NULL as None."""
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "--xml", database],
            input=sql,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return [_row(row) for row in ET.fromstring(done.stdout).iter("row")] if done.stdout else []

    def execute(self, sql: str, database: str = "") -> None:
        self.query(sql, database)

    def url(self, database: str) -> str:
        """The address for SQLAlchemy."""
        return f"mariadb://root@localhost/{database}?unix_socket={self.socket}"


def _row(row: ET.Element) -> Row:
    return {
        field.get("name", ""): None if field.get(_NIL) == "true" else field.text or ""
        for field in row.iter("field")
    }
