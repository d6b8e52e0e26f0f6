"""One media worker behind its calls, whatever carries them to it; on the worker's loop."""

import asyncio
import gc
import socket
from collections.abc import Callable
from contextlib import suppress

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import RtcServerError
from rtc_server.base.stats import Stats
from rtc_server.base.supervisor import Supervisor
from rtc_server.ipc.rpc import Body, Handler, handlers_of, load_config, remote
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
        self.handlers: dict[str, Handler] = handlers_of(self)
        """What may be called; the host's calls come with ``configure``."""

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

    @remote
    async def configure(self, config: Body) -> None:
        """Load the models, open the store, and take sessions from now on."""
        self._config = load_config(config)
        clock = SystemClock()
        self._observer = Observer(self._config.vision, self._stats)
        await self._observer.start()
        self._sockets = await IceSockets.open(self._config.peer, self._stats, self._credentials)
        store = self._store = Store.connect(self._config.store)  # the front process has migrated
        host = self._host = Host(
            self._name,
            self._config,
            clock,
            store,
            self._observer,
            self._session_let_go,
            self._tell,
            self._sockets,
        )
        monitor = LoadMonitor(host.overload, self._stats, clock, host.shed)
        self._supervisor.keep(monitor.run, "load_monitor")
        self.handlers.update(handlers_of(host))
        _spare_the_collector()

    @remote
    async def ping(self) -> Body:
        """How this worker does."""
        if self._host is None:
            raise RtcServerError("the worker is not configured yet")
        return {
            "refuses": self._host.overload.refuses,
            "step": self._host.overload.step,
            "sessions": self._host.census(),
            "stats": self._stats.as_body(),
            "udp_buffer": self._sockets.udp_buffer,
            "restarts": self._supervisor.restarts(),
        }

    def _session_let_go(self, session_id: str, reason: EndReason) -> None:
        self._garbage.expect()
        self._let_go(session_id, reason)


def _spare_the_collector() -> None:
    """Keep the garbage collector off what stays for ever: libraries and models, 200,000 objects.

    Frames leave few cycles, so it may also come more seldom than every 700 objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
