"""What one who watches has not been told yet."""

import asyncio
from collections.abc import Callable, Iterable

from signaling.live.entry import Entry


class Watcher:
    """Holds at most one entry a session: the newest wins, so a slow connection costs no memory."""

    def __init__(self, wants: Callable[[Entry], bool]) -> None:
        """``wants``: which sessions this one is told of."""
        self._wants = wants
        self._waiting: dict[str, Entry] = {}
        self._told = asyncio.Event()
        self._closed = False

    def put(self, entries: Iterable[Entry]) -> None:
        """A round of news, which may be empty: it says that all else is as it was."""
        for entry in entries:
            if self._wants(entry):
                self._waiting[entry.session_id] = entry
        self._told.set()

    def close(self) -> None:
        """There will be no more news."""
        self._closed = True
        self._told.set()

    async def take(self) -> list[Entry] | None:
        """Wait for a round and take what is new; ``None`` once it is closed."""
        await self._told.wait()
        if self._closed:
            return None
        self._told.clear()
        waiting, self._waiting = self._waiting, {}
        return list(waiting.values())
