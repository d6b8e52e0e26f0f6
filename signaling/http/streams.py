"""Answers that last as long as their clients stay: web sockets and event streams."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from rtc_server.base.errors import Overloaded

GOODBYE_SECONDS = 1.0
"""What a client may take to answer a close."""
SEND_SECONDS = 30.0
"""For a part to leave: a client that reads nothing would keep its connection for ever."""
MOST_OF_ONE = 8
"""Streams of one session."""
MOST_STRANGERS, MOST_OF_ADDRESS = 64, 24
"""Connections that have not shown yet whose they are, in all and of one address: each may have the
largest message under way."""


class Strangers:
    """Connections of whom it is not known yet; bounded in all and by address."""

    def __init__(self, most: int = MOST_STRANGERS, of_address: int = MOST_OF_ADDRESS) -> None:
        """So many may there be."""
        self._most = most
        self._of_address = of_address
        self._of: Counter[str] = Counter()

    def check(self, address: str) -> None:
        """Raise :class:`Overloaded` where there is no room for another one from ``address``."""
        if self._of.total() >= self._most or self._of[address] >= self._of_address:
            raise Overloaded("Too many connections wait to say whose they are.")

    @contextmanager
    def one(self, address: str) -> Iterator[Callable[[], None]]:
        """One more until the end, or until what this yields is called: it is no stranger then.

        Raises :class:`Overloaded`.
        """
        self.check(address)
        self._of[address] += 1
        known = False

        def leave() -> None:
            nonlocal known
            if not known:
                known = True
                self._of[address] -= 1
                if not self._of[address]:
                    del self._of[address]

        try:
            yield leave
        finally:
            leave()


class Streams:
    """Knows who serves one, and ends all of them when the service stops."""

    def __init__(self) -> None:
        """None is open."""
        self._serving: set[asyncio.Task[Any]] = set()
        self._of: Counter[str] = Counter()

    @contextmanager
    def open(self, of: str = "") -> Iterator[None]:
        """The task that calls this serves a stream; it is cancelled when the service stops.

        ``of``: the session whose stream it is; raises :class:`Overloaded` for one too many.
        """
        if of and self._of[of] >= MOST_OF_ONE:
            raise Overloaded("Too many listen to this session.")
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        self._serving.add(task)
        self._of[of] += 1
        try:
            yield
        finally:
            self._serving.discard(task)
            self._of[of] -= 1
            if not self._of[of]:
                del self._of[of]

    async def close(self) -> None:
        """End all, and wait a moment for their goodbyes."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        if serving:
            await asyncio.wait(serving, timeout=GOODBYE_SECONDS)


async def send(request: web.Request, response: web.StreamResponse, text: str) -> None:
    """Send a part; raises ``ConnectionResetError`` when the client is gone, or does not read."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await response.write(text.encode())
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None
