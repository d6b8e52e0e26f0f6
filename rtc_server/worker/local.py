"""Media workers as child processes of this one: started, watched, replaced."""

import asyncio
import itertools
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from uuid import uuid4

from rtc_server.aio import TaskSet
from rtc_server.config import WorkerConfig
from rtc_server.errors import Overloaded, RtcServerError, SessionNotFound, WorkerLost
from rtc_server.reason import EndReason
from rtc_server.worker.configure import dump_config
from rtc_server.worker.mailbox import Mailbox, Mailboxes
from rtc_server.worker.placement import OpenRequest
from rtc_server.worker.rpc import Body, Rpc

START_TIMEOUT = 60.0
PING_INTERVAL = 1.0
PING_TIMEOUT = 10.0
RESTART_PAUSE = 0.2
CHILD_ENVIRONMENT = {
    "GLOG_minloglevel": "2",
    "OPENBLAS_NUM_THREADS": "1",  # its pool idles beside ours and costs switches
}

log = logging.getLogger(__name__)


class WorkerProcess:
    """One child process and the calls to it."""

    def __init__(
        self,
        config: WorkerConfig,
        ended: Callable[[str], None],
        heard: Callable[[str, str], None],
    ) -> None:
        """``ended`` is told each session that the worker lets go of, ``heard`` what one says."""
        self.name = f"worker-{uuid4().hex[:12]}"
        self.sessions: set[str] = set()
        self.ready = False
        self._config = config
        self._ended = ended
        self._heard = heard
        self._process: asyncio.subprocess.Process | None = None
        self._rpc: Rpc | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, once it was started."""
        return None if self._process is None else self._process.pid

    async def run(self) -> None:
        """Start the child and serve it until it is gone; always leaves it dead."""
        tasks = TaskSet()
        try:
            await self._spawn()
            reading = tasks.start(self._channel.run(), f"rpc of {self.name}")
            tasks.start(self._watch(), f"watch of {self.name}")
            await reading
        finally:
            self.ready = False
            await tasks.close()
            await self._kill()

    async def call(self, method: str, body: Body, payload: bytes = b"") -> Body:
        """Call the worker; raises what it raised, or :class:`WorkerLost`."""
        return await self._channel.call(method, body, payload)

    async def stop(self) -> None:
        """Let the worker leave its sessions to others, then end it."""
        if self._rpc is None:
            return
        with suppress(WorkerLost, TimeoutError):
            async with asyncio.timeout(self._config.drain):
                await self._rpc.call("drain")
        await self._rpc.close()

    @property
    def _channel(self) -> Rpc:
        if self._rpc is None:
            raise WorkerLost
        return self._rpc

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "rtc_server.worker.main",
                str(theirs.fileno()),
                self.name,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **CHILD_ENVIRONMENT},
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        self._rpc = Rpc(reader, writer, {"ended": self._on_ended, "message": self._on_message})

    async def _watch(self) -> None:
        """Configure the child, then ping it; a child that does not answer is killed."""
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await self._channel.call("configure", dump_config(self._config))
            self.ready = True
            log.info("%s is ready", self.name)
            while True:
                await asyncio.sleep(PING_INTERVAL)
                async with asyncio.timeout(PING_TIMEOUT):
                    await self._channel.call("ping")
        except (TimeoutError, RtcServerError) as error:
            log.error("%s does not answer (%r): killed", self.name, error)  # noqa: TRY400
            await self._kill()

    async def _on_ended(self, body: Body, _payload: bytes) -> None:
        self.sessions.discard(body["session_id"])
        self._ended(body["session_id"])

    async def _on_message(self, body: Body, _payload: bytes) -> None:
        self._heard(body["session_id"], body["text"])

    async def _kill(self) -> None:
        if self._process is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class LocalPlacement:
    """One or more worker processes on this machine; each session goes to the least loaded."""

    def __init__(
        self,
        config: WorkerConfig,
        count: int,
        on_ended: Callable[[str], None],
        on_lost: Callable[[str], Awaitable[None]],
    ) -> None:
        """``on_ended`` gets a session's id, ``on_lost`` the name of a worker that died."""
        self._config = config
        self._count = count
        self._on_ended = on_ended
        self._on_lost = on_lost
        self._workers: dict[int, WorkerProcess] = {}
        self._homes: dict[str, WorkerProcess] = {}
        self._mailboxes = Mailboxes()
        self._tasks = TaskSet()
        self._stopping = False

    def start(self) -> None:
        """Start the workers; :meth:`ready` tells when one takes sessions."""
        for slot in range(self._count):
            self._tasks.start(self._keep(slot), f"worker slot {slot}")

    async def open(self, request: OpenRequest) -> str | None:
        """See :class:`Placement`."""
        session_id = request.identity.session_id
        home = self._homes.get(session_id)
        worker = home or self._least_loaded()
        worker.sessions.add(session_id)
        self._homes[session_id] = worker
        try:
            body = await worker.call("open", asdict(request))
        except BaseException:
            if home is None:
                self._forget(session_id)
            raise
        answer: str | None = body["answer"]
        return answer

    async def frame(self, session_id: str, jpeg: bytes) -> str | None:
        """See :class:`Placement`."""
        body = await self._home(session_id).call("frame", {"session_id": session_id}, jpeg)
        metrics: str | None = body["metrics"]
        return metrics

    async def say(self, session_id: str, text: str) -> None:
        """See :class:`Placement`."""
        await self._home(session_id).call("say", {"session_id": session_id, "text": text})

    async def detach(self, session_id: str, connection: str) -> None:
        """See :class:`Placement`."""
        body = {"session_id": session_id, "connection": connection}
        await self._home(session_id).call("detach", body)

    async def end(self, session_id: str, reason: EndReason) -> None:
        """See :class:`Placement`."""
        body = {"session_id": session_id, "reason": reason}
        await self._home(session_id).call("end", body)

    async def add_candidates(self, session_id: str, fragment: str) -> None:
        """See :class:`Placement`."""
        body = {"session_id": session_id, "fragment": fragment}
        await self._home(session_id).call("add_candidates", body)

    async def watch(self, session_id: str, *, on: bool) -> None:
        """See :class:`Placement`."""
        await self._home(session_id).call("watch", {"session_id": session_id, "on": on})

    def listen(self, session_id: str) -> Mailbox:
        """See :class:`Placement`."""
        return self._mailboxes.open(session_id)

    def is_heard(self, session_id: str) -> bool:
        """See :class:`Placement`."""
        return session_id in self._mailboxes

    def load(self) -> int:
        """See :class:`Placement`."""
        return len(self._homes)

    def ready(self) -> bool:
        """See :class:`Placement`."""
        return any(worker.ready for worker in self._workers.values())

    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [worker.pid for worker in self._workers.values() if worker.pid is not None]

    async def close(self) -> None:
        """Drain and end all workers."""
        self._stopping = True
        await asyncio.gather(*(worker.stop() for worker in self._workers.values()))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._config.drain):
                await self._tasks.join()
        await self._tasks.close()

    def _home(self, session_id: str) -> WorkerProcess:
        if session_id not in self._homes:
            raise SessionNotFound
        return self._homes[session_id]

    def _least_loaded(self) -> WorkerProcess:
        ready = [worker for worker in self._workers.values() if worker.ready]
        if not ready or self._stopping:
            raise Overloaded
        return min(ready, key=lambda worker: len(worker.sessions))

    async def _keep(self, slot: int) -> None:
        """Keep one worker running in ``slot``."""
        for generation in itertools.count(1):
            worker = self._workers[slot] = WorkerProcess(
                self._config, self._session_ended, self._mailboxes.put
            )
            await worker.run()
            if self._stopping:
                return
            log.error("%s is gone (start %d): replaced", worker.name, generation)
            await self._bury(worker)
            await asyncio.sleep(RESTART_PAUSE)

    async def _bury(self, worker: WorkerProcess) -> None:
        for session_id in worker.sessions:
            self._homes.pop(session_id, None)
        await self._on_lost(worker.name)

    def _session_ended(self, session_id: str) -> None:
        self._forget(session_id)
        self._on_ended(session_id)

    def _forget(self, session_id: str) -> None:
        worker = self._homes.pop(session_id, None)
        if worker is not None:
            worker.sessions.discard(session_id)
