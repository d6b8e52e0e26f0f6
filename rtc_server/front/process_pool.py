"""Media workers as child processes: started, watched, replaced; on the front process's loop."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import asdict

from rtc_server.base.aio import TaskSet
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import Overloaded, SessionNotFound, WorkerLost
from rtc_server.front.ice_door import IceDoor
from rtc_server.front.placement import Placement
from rtc_server.front.worker_process import WorkerProcess
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.ipc.rpc import Body, Json

RESTART_PAUSE = 0.2
"""Seconds, after a worker that was not ready before it went."""

log = logging.getLogger(__name__)


class ProcessPool(Placement):
    """One or more worker processes on this machine; each session goes to the least loaded."""

    def __init__(
        self,
        config: WorkerConfig,
        count: int,
        on_ended: Callable[[str], None],
        on_lost: Callable[[str, Collection[str]], Awaitable[None]],
    ) -> None:
        """``on_ended`` gets a session's id, ``on_lost`` a dead worker's name and its sessions.

        Attributes:
            door: where browsers connect by TCP.

        """
        super().__init__()
        self.door = IceDoor(config.peer)
        self._config = config
        self._count = count
        self._on_ended = on_ended
        self._on_lost = on_lost
        self._workers: dict[int, WorkerProcess] = {}
        self._homes: dict[str, WorkerProcess] = {}
        self._tasks = TaskSet()
        self._stopping = False

    def start(self) -> None:
        """Start the workers; :meth:`ready` tells when one takes sessions."""
        self.door.open()
        for slot in range(self._count):
            self._tasks.start(self._keep(slot), f"worker slot {slot}")

    async def open(self, request: OpenRequest) -> str | None:
        """Open it where it runs already, or else on the least loaded worker that has room."""
        home = self._homes.get(request.identity.session_id)
        if home is not None:
            return await self._open_on(home, request)
        refusal = Overloaded()
        for worker in self._least_loaded_first():
            try:
                return await self._open_new(worker, request)
            except Overloaded as error:
                refusal = error
        raise refusal

    async def _open_new(self, worker: WorkerProcess, request: OpenRequest) -> str | None:
        session_id = request.identity.session_id
        worker.sessions.add(session_id)
        self._homes[session_id] = worker
        try:
            return await self._open_on(worker, request)
        except BaseException:
            self._forget(session_id)
            raise

    @staticmethod
    async def _open_on(worker: WorkerProcess, request: OpenRequest) -> str | None:
        answer: str | None = await worker.rpc.call("open", {"request": asdict(request)})
        return answer

    async def call(
        self, session_id: str, method: str, body: Body | None = None, payload: bytes = b""
    ) -> Json:
        """Call the session's worker over its socket."""
        if session_id not in self._homes:
            raise SessionNotFound
        arguments = {"session_id": session_id, **(body or {})}
        return await self._homes[session_id].rpc.call(method, arguments, payload)

    async def call_all(self, method: str, patience: float) -> list[Json]:
        """Call all workers at once."""
        ready = [worker for worker in self._workers.values() if worker.ready]
        answers: list[Json] = []

        async def ask(worker: WorkerProcess) -> None:
            with suppress(WorkerLost, TimeoutError):
                async with asyncio.timeout(patience):
                    answers.append(await worker.rpc.call(method))

        await asyncio.gather(*map(ask, ready))
        return answers

    def load(self) -> int:
        """Sessions on all workers."""
        return len(self._homes)

    def ready(self) -> bool:
        """Whether a worker takes sessions."""
        return bool(self._least_loaded_first())

    def reports(self) -> list[WorkerReport]:
        """How each does, by slot."""
        return [worker.report(str(slot)) for slot, worker in sorted(self._workers.items())]

    async def close(self) -> None:
        """Drain and end all workers."""
        self._stopping = True
        self.door.close()
        await asyncio.gather(*(worker.stop() for worker in self._workers.values()))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._config.drain):
                await self._tasks.join()
        await self._tasks.close()

    def _least_loaded_first(self) -> list[WorkerProcess]:
        if self._stopping:
            return []
        ready = [worker for worker in self._workers.values() if worker.ready]
        return sorted(ready, key=lambda worker: (worker.refuses, len(worker.sessions)))

    async def _keep(self, slot: int) -> None:
        """Keep one worker running in ``slot``."""
        for generation in itertools.count(1):
            worker = self._workers[slot] = WorkerProcess(
                self._config.at_place(slot), self._session_let_go, self.mailboxes.put, self.door
            )
            was_ready = await self._run_one(worker)
            if self._stopping:
                return
            log.error("%s is gone (start %d): replaced", worker.name, generation)
            await self._bury(worker)
            if not was_ready:
                await asyncio.sleep(RESTART_PAUSE)

    @staticmethod
    async def _run_one(worker: WorkerProcess) -> bool:
        """Serve the worker until it is gone; a start that fails (no descriptors) is a death."""
        try:
            return await worker.run()
        except Exception:  # the root of the slot's task: without it nothing is ever replaced
            log.exception("%s could not be run", worker.name)
            return False

    async def _bury(self, worker: WorkerProcess) -> None:
        for session_id in worker.sessions:
            self._homes.pop(session_id, None)
        try:
            await self._on_lost(worker.name, worker.sessions)
        except Exception:  # what is told of the dead must not keep its slot empty
            log.exception("the end of %s was not told", worker.name)

    def _session_let_go(self, worker: WorkerProcess, session_id: str, reason: EndReason) -> None:
        """One that was drained is not over: another worker takes it when its client asks."""
        home = self._homes.get(session_id)
        if home is not None and home is not worker:
            return
        self._forget(session_id)
        if reason is not EndReason.DRAINED:
            self._on_ended(session_id)

    def _forget(self, session_id: str) -> None:
        worker = self._homes.pop(session_id, None)
        if worker is not None:
            worker.sessions.discard(session_id)
