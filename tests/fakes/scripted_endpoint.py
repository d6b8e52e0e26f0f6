"""An endpoint whose outcomes are written down beforehand."""

import asyncio
from collections.abc import Mapping
from typing import Any

from rtc_server.delivery.outcome import Accepted, Outcome


class ScriptedEndpoint:
    """Each post gets the next of ``outcomes``; then all are accepted.

    While ``open`` is not set, posts are under way and do not end.
    """

    def __init__(self, *outcomes: Outcome, knows: bool | None = False) -> None:
        self.outcomes = list(outcomes)
        self.knows = knows
        self.posted: list[str] = []
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.open = asyncio.Event()
        self.open.set()
        self._changed = asyncio.Condition()

    async def post(self, record: Mapping[str, Any], key: str) -> Outcome:
        assert record
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.posted.append(key)
        async with self._changed:
            self._changed.notify_all()
        try:
            await self.open.wait()
        finally:
            self.at_once -= 1
        return self.outcomes.pop(0) if self.outcomes else Accepted()

    async def knows_key(self) -> bool | None:
        self.asked += 1
        async with self._changed:
            self._changed.notify_all()
        return self.knows

    async def seen(self, number: int) -> None:
        """Wait until ``number`` posts have begun."""
        async with self._changed, asyncio.timeout(10):
            await self._changed.wait_for(lambda: len(self.posted) >= number)

    async def questioned(self, number: int) -> None:
        """Wait until it was asked ``number`` times whether it knows the key."""
        async with self._changed, asyncio.timeout(10):
            await self._changed.wait_for(lambda: self.asked >= number)
