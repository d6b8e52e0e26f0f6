"""One media worker behind its calls, whatever carries them to it."""

import asyncio
import gc
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict

from pydantic import TypeAdapter

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import RtcServerError
from rtc_server.base.stats import Stats
from rtc_server.base.supervisor import Supervisor
from rtc_server.ipc.messages import OpenRequest
from rtc_server.ipc.rpc import Body, Handler, load_config
from rtc_server.peer.ice.sockets import IceSockets
from rtc_server.peer.ice.tcp import Credentials
from rtc_server.store.store import Store
from rtc_server.vision.observer import Observer
from rtc_server.worker.gc_after_end import GcAfterEnd
from rtc_server.worker.host import Host
from rtc_server.worker.load_monitor import LoadMonitor

GC_THRESHOLDS = (10_000, 20, 20)
CLOSE_SECONDS = 3.0
"""What a session that was not drained in time may still take."""

REQUEST = TypeAdapter(OpenRequest)


class Worker:
    """Serves the calls of front processes."""

    def __init__(
        self,
        name: str,
        let_go: Callable[[str, EndReason], None],
        tell: Callable[[str, str], None],
        credentials: Credentials | None = None,
    ) -> None:
        """Nothing runs until the ``configure`` call came.

        ``let_go`` is told the id of each session that this worker holds no longer, and why: one
        that was drained is left to another worker. ``tell`` carries what a session says to whoever
        listens in a front process. ``credentials``: the front process that accepts TCP for this
        worker; without it the worker listens itself.
        """
        self._credentials = credentials
        self._name = name
        self._let_go = let_go
        self._tell = tell
        self._host: Host | None = None
        self._store: Store | None = None
        self._observer: Observer | None = None
        self._sockets = IceSockets()
        self._config = WorkerConfig()
        self._stats = Stats()
        self._garbage = GcAfterEnd()
        self._supervisor = Supervisor()
        self.handlers: Mapping[str, Handler] = {
            "configure": self._configure,
            "open": self._open,
            "frame": self._frame,
            "say": self._say,
            "detach": self._detach,
            "add_candidates": self._add_candidates,
            "watch": self._watch,
            "end": self._end,
            "ping": self._ping,
            "statuses": self._pulses,
            "drain": self._drain,
        }

    def take_socket(self, ufrag: str, sock: socket.socket, read: bytes) -> None:
        """A TCP connection of one of the sessions here; one that nobody claims is closed."""
        if self._sockets.tcp is None:
            sock.close()
        else:
            self._sockets.tcp.take(ufrag, sock, read)

    async def leave(self) -> None:
        """Leave the sessions to others and close everything."""
        await self._supervisor.close()
        if self._host is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._config.drain):
                    await self._host.drain()
            with suppress(TimeoutError):  # a session may still wait for a store that is away
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._host.close()
        await self._sockets.close()
        if self._observer is not None:
            await self._observer.close()
        if self._store is not None:
            await self._store.close()

    async def _configure(self, body: Body, _payload: bytes) -> None:
        self._config = load_config(body)
        clock = SystemClock()
        self._observer = Observer(self._config.vision, self._stats)
        await self._observer.start()
        self._sockets = await IceSockets.open(self._config.peer, self._stats, self._credentials)
        store = self._store = Store.connect(self._config.store)  # the front process has migrated
        self._host = Host(
            self._name,
            self._config,
            clock,
            store,
            self._observer,
            self._session_let_go,
            self._tell,
            self._sockets,
        )
        watch = LoadMonitor(self._host.overload, self._stats, clock, self._host.shed)
        self._supervisor.keep(watch.run, "load_monitor")
        _spare_the_collector()

    @property
    def _ready_host(self) -> Host:
        if self._host is None:
            raise RtcServerError("the worker is not configured yet")
        return self._host

    async def _open(self, body: Body, _payload: bytes) -> Body:
        return {"answer": await self._ready_host.open(REQUEST.validate_python(body))}

    async def _frame(self, body: Body, payload: bytes) -> Body:
        return {"metrics": await self._ready_host.frame(body["session_id"], payload)}

    async def _say(self, body: Body, _payload: bytes) -> None:
        self._ready_host.say(body["session_id"], body["text"])

    async def _detach(self, body: Body, _payload: bytes) -> None:
        self._ready_host.detach(body["session_id"], body["connection"])

    async def _add_candidates(self, body: Body, _payload: bytes) -> None:
        await self._ready_host.add_candidates(body["session_id"], body["fragment"])

    async def _watch(self, body: Body, _payload: bytes) -> None:
        self._ready_host.watch(body["session_id"], on=body["on"])

    async def _end(self, body: Body, _payload: bytes) -> None:
        await self._ready_host.end(body["session_id"], EndReason(body["reason"]))

    async def _ping(self, _body: Body, _payload: bytes) -> Body:
        host = self._ready_host
        return {
            "refuses": host.overload.refuses,
            "step": host.overload.step,
            "sessions": host.census(),
            "stats": self._stats.as_body(),
            "udp_buffer": self._sockets.udp_buffer,
            "restarts": self._supervisor.restarts(),
        }

    def _session_let_go(self, session_id: str, reason: EndReason) -> None:
        self._garbage.expect()
        self._let_go(session_id, reason)

    async def _pulses(self, _body: Body, _payload: bytes) -> Body:
        return {"statuses": [asdict(status) for status in self._ready_host.statuses()]}

    async def _drain(self, _body: Body, _payload: bytes) -> None:
        await self._ready_host.drain()


def _spare_the_collector() -> None:
    """Keep the garbage collector off what stays for ever: libraries and models, 200,000 objects.

    Frames leave few cycles, so it may also come more seldom than every 700 objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
