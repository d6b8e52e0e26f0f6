"""One campaign: students live their sessions on a fleet of services while the faults go by."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

from benchmarks.chaos.audit import OWED_SECONDS, Books
from benchmarks.chaos.fleet import Fleet
from benchmarks.chaos.gate import Gate
from benchmarks.chaos.script import Scene, lesson, prepare
from benchmarks.chaos.student import PeerLine, PictureLine, Student, Told
from rtc_server.base.aio import TaskSet
from rtc_server.base.config import StoreConfig
from rtc_server.store import DeliveryState, SessionState, Store
from tests.servers.php import PhpSite

LEAVES = 0.1
"""Share of the students who close the page without a bye."""
PEER_SECONDS = (7.0, 11.0)
SETTLE_SECONDS = 150.0
"""The longest pause between two attempts after such short faults, and the grace before."""
ALL = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a campaign is."""

    sessions: int
    students: int
    """At a time."""
    peers: int = 0
    """Of the sessions, through real aiortc peers."""
    services: int = 2
    lessons: int = 1
    """That each student has, one after the other."""
    endpoint: str = "save_enhanced_tracking.php"


@dataclass(slots=True)
class Stage:
    """What the faults reach."""

    fleet: Fleet
    gate: Gate
    site: PhpSite
    http: aiohttp.ClientSession
    chance: random.Random
    told: list[Told] = field(default_factory=list)
    notes: dict[str, float] = field(default_factory=dict)
    """What a fault has found."""

    def owed(self, kind: str | None = None) -> int:
        """Sessions, of this kind of student, that must leave a row."""
        seen = [told.account.seen for told in self.told if kind in {None, told.kind}]
        return sum(each >= OWED_SECONDS for each in seen)

    def answered(self) -> int:
        """Pictures that were answered so far."""
        return sum(told.account.frames for told in self.told)


Fault = Callable[[Stage], Awaitable[None]]
Act = tuple[str, Fault]


class Campaign:
    """Open it, :meth:`run` it, then read the :meth:`books`."""

    def __init__(
        self, plan: Plan, database_url: str, site: PhpSite, folder: Path, seed: int
    ) -> None:
        """Everything by chance is drawn from ``seed``."""
        self._plan = plan
        self._url = database_url
        self._site = site
        self._folder = folder
        self._chance = random.Random(seed)
        self._stack = AsyncExitStack()
        self._acting = True
        self._users = 0

    async def __aenter__(self) -> Self:
        """Start the services, and what stands between them and PHP."""
        await asyncio.to_thread(prepare)
        endpoint = self._site.endpoint(self._plan.endpoint)
        gate = await self._stack.enter_async_context(Gate(endpoint))
        fleet = Fleet(
            self._folder,
            self._plan.services,
            database_url=self._url,
            tracking_save_url=gate.url(endpoint),
        )
        await self._stack.enter_async_context(fleet)
        self._http = await self._stack.enter_async_context(aiohttp.ClientSession())
        self.stage = Stage(fleet, gate, self._site, self._http, self._chance)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the services."""
        await self._stack.aclose()

    async def run(self, acts: Sequence[Act], tell: Callable[[str], None]) -> None:
        """Let the faults go by, one after the other, while students come and go."""
        students = TaskSet()
        slots = [
            students.start(self._keep_coming(), f"slot {number}")
            for number in range(self._plan.students)
        ]
        if self._plan.peers:
            slots.append(students.start(self._peers(), "peers"))
        try:
            for name, act in acts:
                began, before = time.monotonic(), self.stage.answered()
                await act(self.stage)
                took, answered = time.monotonic() - began, self.stage.answered() - before
                tell(f"     {name:44} {took:5.1f} s  {answered:5d} pictures answered")
            self._acting = False
            await asyncio.gather(*slots)
        finally:
            await students.close()

    async def books(self, tell: Callable[[str], None]) -> Books:
        """Wait until all is settled; what is to be compared."""
        store = await Store.open(StoreConfig(self._url))
        try:
            began = time.monotonic()
            await _settled(store, began + SETTLE_SECONDS)
            tell(f"     {'settled':44} {time.monotonic() - began:5.1f} s")
            stored = await store.sessions.find(limit=ALL)
            deliveries = await store.outbox.find(limit=ALL)
        finally:
            await store.close()
        rows = await asyncio.to_thread(self._site.rows)
        return Books(self.stage.told, stored, deliveries, rows)

    @property
    def _goes_on(self) -> bool:
        return self._acting or self.stage.owed() < self._plan.sessions

    async def _keep_coming(self) -> None:
        while self._goes_on:
            self._users += 1
            user = str(self._users)
            for _ in range(self._plan.lessons):
                line = PictureLine(self._http, user, self._chance)
                bye = self._chance.random() >= LEAVES or self._plan.lessons > 1
                await self._live(Told(user, "pictures"), line, lesson(self._chance), bye=bye)

    async def _peers(self) -> None:
        for number in itertools.count(1_000_000):
            if self.stage.owed("peer") >= self._plan.peers:
                return
            user = str(number)
            script = (Scene(self._chance.uniform(*PEER_SECONDS), present=True),)
            await self._live(Told(user, "peer"), PeerLine(self._http, user), script, bye=True)

    async def _live(
        self, told: Told, line: PictureLine | PeerLine, script: Sequence[Scene], *, bye: bool
    ) -> None:
        self.stage.told.append(told)
        student = Student(line, told, self.stage.fleet.addresses, self._chance)
        await student.live(script, bye=bye)


async def _settled(store: Store, deadline: float) -> None:
    """Until every session has ended and every record is delivered, or the time is over."""
    while time.monotonic() < deadline:
        running = [row for row in await store.sessions.find(limit=ALL) if not _is_over(row.state)]
        counts = await store.outbox.counts()
        waiting = counts[DeliveryState.PENDING] + counts[DeliveryState.LEASED]
        if not running and not waiting:
            return
        await asyncio.sleep(0.5)


def _is_over(state: SessionState) -> bool:
    return state is SessionState.ENDED
