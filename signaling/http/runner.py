"""The HTTP server with what aiohttp leaves out: a deadline for a request's head.

aiohttp's own timer is for connections that are idle between requests, and as long as the most
patient proxy keeps one (an hour by default); so a client that sends no head, or one a byte a
minute, would keep its descriptor as long. Can go when aiohttp has such a deadline of its own.
"""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

HEAD_SECONDS = 15.0
"""For a whole head, from the connection or from its first byte on."""
IDLE_SECONDS = 620.0
"""Between two requests: longer than the load balancers in front keep a connection (10 min)."""


class HeadDeadline(RequestHandler):
    """Closes a connection whose request does not begin in time."""

    def __init__(self, *args: Any, head_seconds: float, **kwargs: Any) -> None:  # noqa: ANN401
        """``head_seconds``: for a head; the rest is aiohttp's."""
        super().__init__(*args, **kwargs)
        self._head_seconds = head_seconds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect the first head."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Expect the rest of a head, or nothing more once it is whole."""
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._forget()
        elif self._is_waiting and self._deadline is None:
            self._expect()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Expect nothing more."""
        self._forget()
        super().connection_lost(exc)

    @property
    def _is_waiting(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _expect(self) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._head_seconds, self._too_late)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self._request_count == 0 or self._is_waiting:
            self.force_close()


class _Server(web.Server):
    """The application's server, whose connections have the deadline."""

    def __init__(self, made: web.Server, head_seconds: float) -> None:
        self.__dict__.update(vars(made))
        self._head_seconds = head_seconds

    def __call__(self) -> RequestHandler:
        return HeadDeadline(self, loop=self._loop, head_seconds=self._head_seconds, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application without an access log of aiohttp's: see ``middleware.access_log``."""

    def __init__(
        self,
        app: web.Application,
        *,
        shutdown_timeout: float = 60.0,
        head_seconds: float = HEAD_SECONDS,
    ) -> None:
        """``head_seconds``: how long a client may take for a request's head."""
        super().__init__(
            app,
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=shutdown_timeout,
        )
        self._head_seconds = head_seconds

    async def _make_server(self) -> web.Server:
        return _Server(await super()._make_server(), self._head_seconds)
