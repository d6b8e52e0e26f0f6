"""Media workers as child processes of this one: started, watched, replaced."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import asdict

from pydantic import TypeAdapter

from rtc_server.base.aio import TaskSet
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import Overloaded, SessionNotFound, WorkerLost
from rtc_server.front.ice_door import IceDoor
from rtc_server.front.mailbox import Mailbox, Mailboxes
from rtc_server.front.worker_process import WorkerProcess
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.session.status import SessionStatus

RESTART_PAUSE = 0.2
"""Seconds, after a worker that was not ready before it went."""
STATUS_PATIENCE = 2.0
"""Seconds that a worker may take to say how its sessions do."""
STATUSES = TypeAdapter(list[SessionStatus])

log = logging.getLogger(__name__)


class ProcessPool:
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
        self.door = IceDoor(config.peer)
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
        self.door.open()
        for slot in range(self._count):
            self._tasks.start(self._keep(slot), f"worker slot {slot}")

    async def open(self, request: OpenRequest) -> str | None:
        """See :class:`Placement`."""
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
        body = await worker.call("open", asdict(request))
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

    async def statuses(self) -> list[SessionStatus]:
        """See :class:`Placement`."""
        ready = [worker for worker in self._workers.values() if worker.ready]
        told = await asyncio.gather(*map(self._statuses_on, ready))
        return [status for each in told for status in each]

    @staticmethod
    async def _statuses_on(worker: WorkerProcess) -> list[SessionStatus]:
        try:
            async with asyncio.timeout(STATUS_PATIENCE):
                body = await worker.call("statuses", {})
        except (WorkerLost, TimeoutError):
            return []
        return STATUSES.validate_python(body["statuses"])

    def load(self) -> int:
        """See :class:`Placement`."""
        return len(self._homes)

    def ready(self) -> bool:
        """See :class:`Placement`."""
        return bool(self._least_loaded_first())

    def reports(self) -> list[WorkerReport]:
        """See :class:`Placement`."""
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

    def _home(self, session_id: str) -> WorkerProcess:
        if session_id not in self._homes:
            raise SessionNotFound
        return self._homes[session_id]

    def _least_loaded_first(self) -> list[WorkerProcess]:
        if self._stopping:
            return []
        ready = [worker for worker in self._workers.values() if worker.ready]
        return sorted(ready, key=lambda worker: (worker.refuses, len(worker.sessions)))

    async def _keep(self, slot: int) -> None:
        """Keep one worker running in ``slot``."""
        for generation in itertools.count(1):
            worker = self._workers[slot] = WorkerProcess(
                self._config.at_place(slot), self._session_let_go, self._mailboxes.put, self.door
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
