"""Whether SQLite's files are still those that its connections write to; in front and worker."""

import asyncio
from pathlib import Path

from rtc_server.base.errors import StoreUnavailable

LOOK_INTERVAL = 0.25
"""Seconds between two looks; what is written in between is lost with the files anyway."""

_Identity = tuple[int, int]


class FileWatch:
    """Notices that the database file, or its log, was deleted or replaced under us.

    SQLite does not: its connections go on with files that have no name any more, and everything
    is gone when the last of them closes.
    """

    def __init__(self, path: str) -> None:
        """Nothing was seen yet."""
        self._paths = (Path(path), Path(f"{path}-wal"))
        self._seen: tuple[_Identity | None, ...] | None = None
        self._looked_at = -LOOK_INTERVAL
        self._gone = False

    async def check(self, *, connected: bool) -> None:
        """Raise :class:`StoreUnavailable` once the files are others than those ``connected`` to."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at >= LOOK_INTERVAL:
            self._looked_at = now
            found = await asyncio.to_thread(self._identities)
            if not connected or self._seen is None:
                self._seen = None  # the next connection takes what is there
            self._gone = self._seen is not None and _differs(self._seen, found)
        if self._gone:
            raise StoreUnavailable("the database file was deleted or replaced: restart")

    async def note(self) -> None:
        """A connection has just used the files: they are the ones."""
        if self._seen is None:
            self._seen = await asyncio.to_thread(self._identities)

    def _identities(self) -> tuple[_Identity | None, ...]:
        return tuple(map(_identity, self._paths))


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _differs(before: tuple[_Identity | None, ...], now: tuple[_Identity | None, ...]) -> bool:
    return any(was is not None and was != found for was, found in zip(before, now, strict=True))
