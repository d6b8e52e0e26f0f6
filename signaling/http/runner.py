"""The HTTP server with what aiohttp leaves out: bounds on connections, a deadline for a head.

aiohttp's own timer is for connections that are idle between requests, and as long as the most
patient proxy keeps one (an hour by default); so a client that sends no head, or one a byte a
minute, would keep its descriptor as long. Can go when aiohttp has such a deadline of its own.
Bodies are not inflated: nothing that this service takes is compressed, or gains by it. A request
that is none is answered in one line and told in one, without a word of what it said.
"""

import asyncio
import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from rtc_server.base.log_throttle import THROTTLE
from signaling.http.connections import Connections
from signaling.http.errors import problem_response

HEAD_SECONDS = 15.0
"""For a whole head, from the connection or from its first byte on."""
ACCEPTED, WAITING = 8, 512
"""Clients that are accepted in a turn of the loop, and that may wait for it: a class comes with the
bell."""
IDLE_SECONDS = 620.0
"""Between two requests: longer than the load balancers in front keep a connection (10 min)."""


log = logging.getLogger(__name__)


class HeadDeadline(RequestHandler):
    """Closes a connection whose request does not begin in time."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        head_seconds: float,
        connections: Connections,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        """``head_seconds``: for a head; ``connections``: all of them; the rest is aiohttp's."""
        super().__init__(*args, **kwargs)
        self._connections = connections
        self._head_seconds = head_seconds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect the first head."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        if self._connections.enter(self, peer[0] if isinstance(peer, tuple) else ""):
            self._expect()
        else:
            self.let_go()

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
        self._connections.leave(self)
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether no whole request has come that is not answered yet."""
        return self._current_request is None and not self._messages

    def let_go(self) -> None:
        """Close now; what was not sent is lost."""
        self._forget()
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that is none with a problem; other errors are aiohttp's to tell."""
        if status >= 500 or request.writer.output_size > 0:  # noqa: PLR2004
            return super().handle_error(request, status, exc, message)
        log.info("no HTTP: %s", type(exc).__name__, extra={THROTTLE: "no HTTP"})
        answer = problem_response(status, "bad_request", "This is no request that can be read.")
        answer.force_close()
        return answer

    def log_exception(self, *_args: Any, **kw: Any) -> None:  # noqa: ANN401 - aiohttp's signature
        """One line; where it came from is nobody's business, and what it said may be secret."""
        error = kw.get("exc_info")
        if isinstance(error, HttpProcessingError):
            log.info("no HTTP: %s", type(error).__name__, extra={THROTTLE: "no HTTP"})
        else:
            log.error("a request failed", exc_info=error)

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

    def __init__(self, made: web.Server, head_seconds: float, connections: Connections) -> None:
        self.__dict__.update(vars(made))
        self._head_seconds = head_seconds
        self._bound = connections

    def __call__(self) -> RequestHandler:
        made = HeadDeadline(
            self,
            loop=self._loop,
            head_seconds=self._head_seconds,
            connections=self._bound,
            **self._kwargs,
        )
        if not self._bound.expect(made):
            raise ConnectionAbortedError  # asyncio lets go of the socket, and says nothing
        return made


class Site(web.TCPSite):
    """A port of which few clients are accepted in one turn of the loop, however many wait.

    asyncio of Python 3.11 accepts as many as may wait, before one of them can be let go; where
    descriptors run out meanwhile it goes on trying, and tries again as often each second.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - aiohttp's
        """As aiohttp's."""
        super().__init__(*args, backlog=ACCEPTED, **kwargs)

    async def start(self) -> None:
        """Listen; let the system keep more waiting."""
        await super().start()
        server = self._server
        for each in server.sockets if isinstance(server, asyncio.Server) else ():
            with each.dup() as listening:
                listening.listen(WAITING)


class Runner(web.AppRunner):
    """Runs an application without an access log of aiohttp's: see ``middleware.access_log``."""

    def __init__(
        self,
        app: web.Application,
        *,
        shutdown_timeout: float = 60.0,
        head_seconds: float = HEAD_SECONDS,
        connections: Connections | None = None,
    ) -> None:
        """``head_seconds``: how long a client may take for a request's head.

        ``connections`` bounds how many there are.
        """
        super().__init__(
            app,
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            auto_decompress=False,
            shutdown_timeout=shutdown_timeout,
        )
        self._head_seconds = head_seconds
        self._connections = Connections() if connections is None else connections

    async def _make_server(self) -> web.Server:
        return _Server(await super()._make_server(), self._head_seconds, self._connections)
