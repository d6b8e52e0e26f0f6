"""A small disk for the store that can really be full: a tmpfs of its own, mounted as root."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

MIB = 1024 * 1024
BLOCK = 64 * 1024


class SmallDisk:
    """Mounted on a temporary folder for as long as it is open."""

    def __init__(self, mebibytes: int = 32) -> None:
        """Holds so much."""
        self._size = mebibytes
        self.folder = Path()

    def __enter__(self) -> Self:
        """Mount it; raises ``CalledProcessError`` where that is not allowed."""
        self.folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
        options = f"size={self._size}m,mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Unmount it: nothing of it is left."""
        subprocess.run(["umount", "--lazy", self.folder], check=True)
        shutil.rmtree(self.folder)

    @property
    def database(self) -> Path:
        """Where the store goes."""
        return self.folder / "sessions.db"

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self) -> None:
        """Write until there is no room (ENOSPC), and nothing left in SQLite's log to reuse."""
        self._pile_up()
        with suppress(sqlite3.Error), closing(sqlite3.connect(self.database, timeout=2)) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._pile_up()

    def make_room(self) -> None:
        """Take away what :meth:`fill` has written."""
        self._ballast.unlink(missing_ok=True)

    def behind(self, since: float) -> int:
        """How many running sessions were not written since then (UTC epoch s)."""
        wanted = "SELECT count(*) FROM sessions WHERE state <> 'ended' AND updated_at < ?"
        with closing(sqlite3.connect(self.database, timeout=5)) as store:
            count: int = store.execute(wanted, [since]).fetchone()[0]
            return count

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def _pile_up(self) -> None:
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(bytes(BLOCK)) == BLOCK:
                pass
            while file.write(bytes(1)):
                pass
