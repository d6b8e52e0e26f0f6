"""One worker of a cluster as this front process sees it: reached, heard, given up."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from rtc_server.base.aio import TaskSet
from rtc_server.base.config import WorkerConfig
from rtc_server.base.errors import RtcServerError, WorkerLost
from rtc_server.cluster.balancing import Candidate
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.ipc.rpc import Body, Json, dump_config

START_TIMEOUT = 90.0
HEAR_SECONDS = 1.0
"""A worker answers after so long even when there is nothing to tell."""
SILENT_AFTER = 3.0
"""Seconds without an answer after which its sessions may go on elsewhere."""
LOST_AFTER = 12.0
"""Seconds of silence after which it is ended."""
MIB = 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one worker on a machine of the cluster."""

    name: str
    node: str
    draining: bool = False
    """The machine is to become empty."""


class Remote(Protocol):
    """The worker in a slot, wherever it runs."""

    async def call(self, method: str, body: Body | None = None, payload: bytes = b"") -> Json:
        """Call it; raises what it raised, or :class:`WorkerLost` once it is known to be dead."""
        ...

    async def kill(self) -> None:
        """End it at once."""
        ...


class MemberState(StrEnum):
    """How far it is with us."""

    STARTING = "starting"
    READY = "ready"
    SILENT = "silent"
    DRAINING = "draining"
    LOST = "lost"


class Member:
    """The worker in one slot, from its start to its end."""

    def __init__(
        self,
        slot: Slot,
        config: WorkerConfig,
        ended: Callable[["Member", str, bool], None],
        heard: Callable[[str, str], None],
    ) -> None:
        """``ended`` is told each session that it holds no more, and whether it left it to others.

        ``heard`` gets what a session says.
        """
        self.slot = slot
        self.name = slot.name
        """Its own name once it has started, as sessions in the store have it."""
        self.state = MemberState.STARTING
        self._config = config
        self._ended = ended
        self._heard = heard
        self._remote: Remote | None = None
        self._told: Body = {}
        self._held = self._step = 0
        self._refuses = False
        self._memory = 0
        self._opening = 0
        self._opened = 0
        self._silent = _signal()
        self._lost = _signal()
        self._tasks = TaskSet()

    @property
    def ready(self) -> bool:
        """Whether it takes sessions."""
        return self.state is MemberState.READY

    @property
    def reachable(self) -> bool:
        """Whether it answers calls."""
        return self.state in {MemberState.READY, MemberState.DRAINING}

    @property
    def sessions(self) -> int:
        """As it said last, and those that came from here since then."""
        return self._held + self._opening + self._opened

    @property
    def refuses(self) -> bool:
        """Whether it has no room for another session, as it said last."""
        return self._refuses

    def candidate(self) -> Candidate:
        """What its load is for the choice."""
        return Candidate(self.slot.name, self.slot.node, self.sessions, self._step, self._refuses)

    def report(self) -> WorkerReport:
        """What it said of itself last."""
        return WorkerReport(self.slot.name, self.ready, self._memory, self._told)

    async def run(self, remote: Remote) -> None:
        """Start it and listen to it until it is lost; then it is ended for sure.

        Cancelled, it goes on for other front processes.
        """
        self._remote = remote
        try:
            await self._start(remote)
            await self._listen(remote)
        except RtcServerError as error:
            log.warning("%s is given up: %r", self.name, error)
        finally:
            self._to(MemberState.LOST)
            await self._tasks.close()
        await remote.kill()

    def begin(self, name: str) -> None:
        """It has started, and calls itself so."""
        self.name = name
        self._to(MemberState.READY)

    def hear(self, body: Body) -> None:
        """What its ``hear`` call brought: how it does, and what happened there."""
        if self.state is MemberState.SILENT:
            self._silent = _signal()
            self._to(MemberState.READY)
        told = self._told = body["told"]
        self._held = sum(number for _, _, number in told["sessions"])
        self._step, self._refuses = told["step"], told["refuses"]
        self._memory, self._opened = body["memory"], 0
        for kind, session_id, text in body["events"]:
            if kind == "message":
                self._heard(session_id, text)
            else:
                self._ended(self, session_id, kind == "left")
        limit = self._config.memory_limit_mb * MIB
        if limit and self._memory > limit and self.ready:
            log.error("%s holds more than %d MiB: drained", self.name, self._config.memory_limit_mb)
            self.drain()

    async def call(self, method: str, body: Body | None = None, payload: bytes = b"") -> Json:
        """Call it; raises what it raised, or :class:`WorkerLost` once it is silent or dead."""
        if self._remote is None or not self.reachable:
            raise WorkerLost
        calling = asyncio.ensure_future(self._remote.call(method, body, payload))
        try:
            await _first(calling, self._silent)
            if not calling.done():
                raise WorkerLost
            return calling.result()
        finally:
            await _drop(calling)

    async def open(self, request: OpenRequest) -> str | None:
        """Its ``open`` call; counts as a session from now on."""
        self._opening += 1
        try:
            answer: str | None = await self.call("open", {"request": asdict(request)})
            self.placed()
            return answer
        finally:
            self._opening -= 1

    def placed(self) -> None:
        """A session came to it from here, which it has not told of yet."""
        self._opened += 1

    def drain(self) -> None:
        """Let it leave its sessions to others, then end it."""
        if self.state is MemberState.READY and self._remote is not None:
            self._to(MemberState.DRAINING)
            self._tasks.start(self._drain(self._remote), f"drain of {self.name}")

    def lose(self) -> None:
        """Its machine is gone, or it has become empty."""
        self._to(MemberState.LOST)

    async def _drain(self, remote: Remote) -> None:
        with suppress(RtcServerError, TimeoutError):
            async with asyncio.timeout(self._config.drain):
                await remote.call("drain")
        # What its sessions said last is still to be heard, here and by other front processes.
        await asyncio.sleep(HEAR_SECONDS)
        self.lose()

    async def _start(self, remote: Remote) -> None:
        config = {"config": dump_config(self._config)}
        starting = asyncio.ensure_future(remote.call("configure", config))
        try:
            await _first(starting, self._lost, START_TIMEOUT)
            if not starting.done():
                raise WorkerLost("it did not start")
            body = starting.result()
        finally:
            await _drop(starting)
        self.begin(body["name"])
        if not body["same"]:
            log.warning("%s runs with other settings: drain its machine to renew it", self.name)

    async def _listen(self, remote: Remote) -> None:
        while self.state is not MemberState.LOST:
            hearing = asyncio.ensure_future(remote.call("hear", {"seconds": HEAR_SECONDS}))
            try:
                self.hear(await self._patiently(hearing))
            finally:
                await _drop(hearing)

    async def _patiently(self, hearing: asyncio.Future[Any]) -> Json:
        """Wait for an answer; without one it is silent first, then lost."""
        for seconds in (SILENT_AFTER, LOST_AFTER - SILENT_AFTER):
            await _first(hearing, self._lost, seconds)
            if hearing.done():
                return hearing.result()
            if self._lost.done():
                break
            self._fall_silent()
        raise WorkerLost

    def _fall_silent(self) -> None:
        if not self._silent.done():
            self._silent.set_result(None)
        if self.state is MemberState.READY:
            self._to(MemberState.SILENT)

    def _to(self, state: MemberState) -> None:
        if state is self.state or self.state is MemberState.LOST:
            return
        log.info("%s: %s → %s", self.name, self.state, state)
        self.state = state
        if state is MemberState.LOST:
            for signal in (self._silent, self._lost):
                if not signal.done():
                    signal.set_result(None)


async def _first(
    call: asyncio.Future[Any], signal: asyncio.Future[None], seconds: float | None = None
) -> None:
    """Wait until either is done."""
    both: set[asyncio.Future[Any]] = {call, signal}
    await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _signal() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


async def _drop(call: asyncio.Future[Any]) -> None:
    """Wait no longer for this call; what it brought is taken or not wanted."""
    call.cancel()
    with suppress(asyncio.CancelledError, RtcServerError):
        await call
