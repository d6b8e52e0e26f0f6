"""One media worker as the front process sees it: started, watched, stopped, killed."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from uuid import uuid4

from rtc_server.base.aio import TaskSet
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import RtcServerError, WorkerLost
from rtc_server.front.ice_door import IceDoor
from rtc_server.ipc.descriptors import descriptor_pair, send_socket
from rtc_server.ipc.memory import resident
from rtc_server.ipc.messages import WorkerReport
from rtc_server.ipc.rpc import Body, Rpc, dump_config

START_TIMEOUT = 60.0
PING_INTERVAL = 1.0
PING_TIMEOUT = 10.0
MIB = 1024 * 1024
CHILD_ENVIRONMENT = {
    "GLOG_minloglevel": "2",
    "OPENBLAS_NUM_THREADS": "1",  # its pool idles beside ours and costs switches
    "MALLOC_ARENA_MAX": "1",  # each decoder's thread would get a heap of its own
    "MALLOC_TRIM_THRESHOLD_": "268435456",  # pictures come and go: give no pages back between
    "MALLOC_MMAP_THRESHOLD_": "33554432",
}

log = logging.getLogger(__name__)


class WorkerProcess:
    """One child process and the calls to it."""

    def __init__(
        self,
        config: WorkerConfig,
        let_go: Callable[["WorkerProcess", str, EndReason], None],
        heard: Callable[[str, str], None],
        door: IceDoor | None = None,
    ) -> None:
        """``let_go`` is told each session that the worker holds no longer.

        And why: one that was drained is left to another. ``heard`` is told what one says.

        ``door`` is told which of them may be reached by TCP.
        """
        self.name = f"worker-{uuid4().hex[:12]}"
        self.sessions: set[str] = set()
        self.ready = False
        self._told: Body = {}
        self._configured = False
        self._config = config
        self._let_go = let_go
        self._heard = heard
        self._door = IceDoor(config.peer) if door is None else door
        self._reachable: set[str] = set()
        self._descriptors: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._rpc: Rpc | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, once it was started."""
        return None if self._process is None else self._process.pid

    @property
    def refuses(self) -> bool:
        """Whether it has no room for another session, as it said last."""
        return bool(self._told.get("refuses", False))

    def report(self, slot: str) -> WorkerReport:
        """What it said of itself last."""
        return WorkerReport(slot, self.ready, resident(self.pid), self._told)

    async def run(self) -> bool:
        """Start the child and serve it until it is gone; always leaves it dead.

        Whether it took sessions before.
        """
        tasks = TaskSet()
        try:
            await self._spawn()
            reading = tasks.start(self.rpc.run(), f"rpc of {self.name}")
            tasks.start(self._watch(), f"watch of {self.name}")
            await reading
        finally:
            self.ready = False
            await tasks.close()
            self._shut_door()
            await self._kill()
        return self._configured

    @property
    def rpc(self) -> Rpc:
        """Calls it; raises :class:`WorkerLost` before it was started."""
        if self._rpc is None:
            raise WorkerLost
        return self._rpc

    async def stop(self) -> None:
        """Let the worker leave its sessions to others, then end it; one that starts has none."""
        if self._rpc is None:
            return
        if self._configured:
            with suppress(RtcServerError, TimeoutError):
                async with asyncio.timeout(self._config.drain):
                    await self._rpc.call("drain")
        await self._rpc.close()

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        self._descriptors, taking = descriptor_pair()
        with theirs, taking, ExitStack() as failing:
            failing.callback(ours.close)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "rtc_server.worker.main",
                str(theirs.fileno()),
                str(taking.fileno()),
                self.name,
                pass_fds=[theirs.fileno(), taking.fileno()],
                env={**os.environ, **CHILD_ENVIRONMENT},
            )
            failing.pop_all()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        handlers = {
            "let_go": self._on_let_go,
            "message": self._on_message,
            "ice_opened": self._on_ice_opened,
            "ice_closed": self._on_ice_closed,
        }
        self._rpc = Rpc(reader, writer, handlers)

    async def _watch(self) -> None:
        """Configure the child, then ping it; a child that does not answer is killed."""
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await self.rpc.call("configure", {"config": dump_config(self._config)})
            self.ready = self._configured = True
            log.info("%s is ready", self.name)
            await self._ping()
        except (TimeoutError, RtcServerError) as error:
            log.error("%s does not answer (%r): killed", self.name, error)  # noqa: TRY400
            await self._kill()

    async def _ping(self) -> None:
        """Ask how it does until it has grown too large; then let it go in order."""
        limit = self._config.memory_limit_mb * MIB
        while not limit or resident(self.pid) < limit:
            async with asyncio.timeout(PING_TIMEOUT):
                self._told = await self.rpc.call("ping")
            await asyncio.sleep(PING_INTERVAL)
        log.error("%s holds more than %d MiB: stopped", self.name, self._config.memory_limit_mb)
        self.ready = False
        await self.stop()

    async def _on_let_go(self, body: Body, _payload: bytes) -> None:
        self.sessions.discard(body["session_id"])
        self._let_go(self, body["session_id"], EndReason(body["reason"]))

    async def _on_message(self, body: Body, _payload: bytes) -> None:
        self._heard(body["session_id"], body["text"])

    async def _on_ice_opened(self, body: Body, _payload: bytes) -> None:
        self._reachable.add(body["ufrag"])
        self._door.opened(body["ufrag"], body["password"], self._give)

    async def _on_ice_closed(self, body: Body, _payload: bytes) -> None:
        self._reachable.discard(body["ufrag"])
        self._door.closed(body["ufrag"])

    def _give(self, ufrag: str, sock: socket.socket, read: bytes) -> bool:
        return self._descriptors is not None and send_socket(self._descriptors, ufrag, sock, read)

    def _shut_door(self) -> None:
        for ufrag in self._reachable:
            self._door.closed(ufrag)
        self._reachable.clear()
        if self._descriptors is not None:
            self._descriptors.close()
            self._descriptors = None

    async def _kill(self) -> None:
        if self._process is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
