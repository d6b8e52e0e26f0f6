"""Answers that last as long as their clients stay: web sockets and event streams."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GOODBYE_SECONDS = 1.0
"""What a client may take to answer a close."""


class Streams:
    """Knows who serves one, and ends all of them when the service stops."""

    def __init__(self) -> None:
        """None is open."""
        self._serving: set[asyncio.Task[Any]] = set()

    @contextmanager
    def open(self) -> Iterator[None]:
        """The task that calls this serves a stream; it is cancelled when the service stops."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        self._serving.add(task)
        try:
            yield
        finally:
            self._serving.discard(task)

    async def close(self) -> None:
        """End all, and wait a moment for their goodbyes."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        if serving:
            await asyncio.wait(serving, timeout=GOODBYE_SECONDS)
