"""Media workers on many machines, shared by every front process of the cluster.

Who holds a session is written in the store: so any front process finds it, whichever opened it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Protocol

from rtc_server.base.aio import TaskSet
from rtc_server.base.config import WorkerConfig
from rtc_server.base.errors import Overloaded, RtcServerError, SessionNotFound, WorkerLost
from rtc_server.cluster.member import Member, Remote, Slot
from rtc_server.cluster.roster import Roster
from rtc_server.front.placement import Placement
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.ipc.rpc import Body, Json
from rtc_server.store.store import Store

SURVEY_INTERVAL = 1.0
"""Seconds between two looks at which machines there are."""
RESTART_PAUSE = 0.5

log = logging.getLogger(__name__)


class Cluster(Protocol):
    """The machines, and a way to the worker in each slot."""

    async def join(self) -> None:
        """Connect; raises :class:`WorkerLost` while that cannot be done."""
        ...

    async def slots(self) -> list[Slot]:
        """The slots of all machines that live now; raises :class:`WorkerLost`."""
        ...

    async def worker(self, slot: Slot) -> Remote:
        """The worker in ``slot``; starts it where no other front process has.

        Raises :class:`WorkerLost`.
        """
        ...

    async def leave(self) -> None:
        """Disconnect. The workers go on."""
        ...


class ClusterPlacement(Placement):
    """Sees to a worker in every slot of the cluster; each session goes to the least loaded."""

    def __init__(
        self,
        config: WorkerConfig,
        cluster: Cluster,
        store: Store,
        on_ended: Callable[[str], None],
        on_lost: Callable[[str, Collection[str]], Awaitable[None]],
    ) -> None:
        """``on_ended`` gets a session's id, ``on_lost`` a lost worker's name and its sessions."""
        super().__init__()
        self._config = config
        self._cluster = cluster
        self._store = store
        self._on_ended = on_ended
        self._on_lost = on_lost
        self._slots: dict[str, Slot] = {}
        self._roster = Roster()
        self._homes: dict[str, Member] = {}
        """Where sessions were when they were last asked for."""
        self._tasks = TaskSet()

    def start(self) -> None:
        """Join the cluster; :meth:`ready` tells when a worker takes sessions."""
        self._tasks.start(self._follow(), "cluster")

    async def close(self) -> None:
        """Leave the cluster; the workers and their sessions go on."""
        await self._tasks.close()
        await self._cluster.leave()

    # ------------------------------------------------------------ sessions

    async def open(self, request: OpenRequest) -> str | None:
        """Open it on the least loaded worker; a resumed one, if that can be, where it is stored."""
        if request.resumed:
            with suppress(Overloaded, SessionNotFound, WorkerLost):
                home = await self._stored_home(request.identity.session_id)
                return await self._open_on(home, request)
        return await self._open_somewhere(request)

    async def _open_somewhere(self, request: OpenRequest) -> str | None:
        refusal: RtcServerError = Overloaded()
        for member in self._roster.least_loaded_first():
            try:
                return await self._open_on(member, request)
            except Overloaded as error:
                refusal = error
            except WorkerLost as error:
                if not request.resumed:
                    raise  # its row may be written: a session has one beginning
                refusal = error
        raise refusal

    async def _open_on(self, member: Member, request: OpenRequest) -> str | None:
        answer = await member.open(request)
        self._homes[request.identity.session_id] = member
        return answer

    async def call(
        self, session_id: str, method: str, body: Body | None = None, payload: bytes = b""
    ) -> Json:
        """Call the session's worker; one that holds it no more is looked up anew."""
        arguments = {"session_id": session_id, **(body or {})}
        known = self._homes.get(session_id)
        if known is not None:
            try:
                return await known.call(method, arguments, payload)
            except (SessionNotFound, WorkerLost):
                self._homes.pop(session_id, None)
        home = await self._stored_home(session_id)
        answer = await home.call(method, arguments, payload)
        self._homes[session_id] = home
        return answer

    async def call_all(self, method: str, patience: float) -> list[Json]:
        """Call the workers of all machines at once."""
        answers: list[Json] = []

        async def ask(member: Member) -> None:
            with suppress(WorkerLost, TimeoutError):
                async with asyncio.timeout(patience):
                    answers.append(await member.call(method))

        await asyncio.gather(*map(ask, self._roster))
        return answers

    def load(self) -> int:
        """Sessions on all workers of the cluster, whichever front process opened them."""
        return self._roster.load()

    def ready(self) -> bool:
        """Whether a worker takes sessions."""
        return self._roster.ready()

    def reports(self) -> list[WorkerReport]:
        """How each does, by slot."""
        return self._roster.reports()

    # ------------------------------------------------------------ who holds what

    async def _stored_home(self, session_id: str) -> Member:
        """The worker that the store names; raises :class:`SessionNotFound`, :class:`WorkerLost`."""
        row = await self._store.sessions.get(session_id)
        if row is None or row.worker is None:
            raise SessionNotFound
        home = self._roster.named(row.worker)
        if home is None:
            raise WorkerLost
        return home

    # ------------------------------------------------------------ the cluster

    async def _follow(self) -> None:
        """Join, then follow which machines come and go, until cancelled."""
        while True:
            try:
                await self._cluster.join()
                while True:
                    self._survey(await self._cluster.slots())
                    await asyncio.sleep(SURVEY_INTERVAL)
            except WorkerLost as error:
                log.warning("the cluster does not answer: %s", error)
            except Exception:  # the root of the task: without it no machine is seen any more
                log.exception("the cluster is not followed")
            await asyncio.sleep(SURVEY_INTERVAL)

    def _survey(self, slots: list[Slot]) -> None:
        self._slots = {slot.name: slot for slot in slots}
        for slot in slots:
            member = self._roster.at(slot.name)
            if member is None and not slot.draining:
                self._tasks.start(self._keep(slot), f"worker slot {slot.name}")
            elif member is not None and slot.draining:
                member.drain()
        for member in self._roster:
            if member.slot.name not in self._slots:
                member.lose()

    async def _keep(self, slot: Slot) -> None:
        """Keep a worker in ``slot`` as long as its machine is there and wanted."""
        try:
            while self._wants(slot):
                member = Member(slot, self._config, self._session_ended, self.mailboxes.put)
                self._roster.put(member)
                await self._serve(member)
                await asyncio.sleep(RESTART_PAUSE)
        finally:
            self._roster.drop(slot.name)

    def _wants(self, slot: Slot) -> bool:
        now = self._slots.get(slot.name)
        return now is not None and not now.draining

    async def _serve(self, member: Member) -> None:
        try:
            remote = await self._cluster.worker(member.slot)
        except WorkerLost as error:
            log.warning("no worker in %s: %s", member.slot.name, error)
            return
        await member.run(remote)
        held = [session_id for session_id, home in self._homes.items() if home is member]
        for session_id in held:
            del self._homes[session_id]
        await self._on_lost(member.name, held)

    def _session_ended(self, member: Member, session_id: str, left: bool) -> None:  # noqa: FBT001 - a callback
        """A worker let go of a session; one that went on elsewhere is not over."""
        home = self._homes.get(session_id)
        if home is not None and home is not member:
            return
        self._homes.pop(session_id, None)
        if not left:
            self._on_ended(session_id)
