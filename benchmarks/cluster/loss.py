"""Real sessions on a Ray cluster of three machines, one of which is lost in two ways.

Two front processes on one MariaDB, records to the PHP site on another database of it. First a
machine fails (its processes are killed, and connections break), then one freezes (they are
stopped: connections stay open, and nobody answers).
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp

from benchmarks.capacity.recorder import record
from benchmarks.cluster.student import Student
from rtc_server.base.config import StoreConfig
from rtc_server.store.store import Store
from tests.eventually import eventually
from tests.fakes.whip import WhipClient
from tests.servers.mariadb import MariaDb, Row
from tests.servers.php import PhpSite, create_site_database
from tests.servers.ray_cluster import Node, RayCluster
from tests.servers.service import ServiceProcess

DATABASE = "service"
NODES = 3
FRONTS = 2
FPS = 10.0
STREAM_SECONDS = 12.0
"""Before the loss, so that each session has a checkpoint."""
AFTER_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
ROUNDING = 0.001
"""Seconds to which sums are written."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What the loss of one machine meant."""

    sessions: int
    """That it held."""
    resumed: int
    slowest: float
    """Seconds from the loss to the last session's first metrics elsewhere."""
    undisturbed_gap: float
    """The longest time without metrics of the sessions on the other machines."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both losses, and the rows in the end."""

    sessions: int
    failed: Loss
    frozen: Loss
    exact_rows: int
    """Sessions with one row at the site that says what the student was told, to the millisecond."""
    rows: int


def run(sessions: int) -> Outcome:
    """Start all of it, lose two machines, count, and stop all of it."""
    with ExitStack() as stack:
        database = stack.enter_context(MariaDb())
        create_site_database(database)
        database.execute(f"CREATE DATABASE {DATABASE}")
        site = stack.enter_context(PhpSite(database))
        cluster = stack.enter_context(RayCluster())
        nodes = [cluster.add() for _ in range(NODES)]
        fronts = [
            stack.enter_context(
                ServiceProcess(
                    Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cluster-"))),
                    **cluster.settings(),
                    DATABASE_URL=database.url(DATABASE),
                    TRACKING_SAVE_URL=site.url,
                    TRACKING_SAVE_MODE="upsert",
                )
            )
            for _ in range(FRONTS)
        ]
        laboratory = Laboratory(database, site, cluster, nodes, fronts)
        return asyncio.run(laboratory.run(sessions))


class Laboratory:
    """All that runs."""

    def __init__(
        self,
        database: MariaDb,
        site: PhpSite,
        cluster: RayCluster,
        nodes: list[Node],
        fronts: Sequence[ServiceProcess],
    ) -> None:
        """Everything is started and takes sessions."""
        self._database = database
        self._site = site
        self._cluster = cluster
        self._nodes = nodes
        self._fronts = fronts

    async def run(self, sessions: int) -> Outcome:
        """Publish, lose, count."""
        recording = await asyncio.to_thread(record, FPS, (1.0,))
        store = await Store.open(StoreConfig(database_url=self._database.url(DATABASE)))
        await self._has(NODES)
        async with aiohttp.ClientSession() as http:
            whips = [WhipClient(http, front.url) for front in self._fronts]
            students = [Student(number, recording, whips) for number in range(sessions)]
            for student in students:
                await student.begin()
            await asyncio.sleep(STREAM_SECONDS)
            failed = await self._lose(store, students, Node.fail)
            self._nodes.append(await asyncio.to_thread(self._cluster.add))
            await self._has(NODES)
            await asyncio.sleep(STREAM_SECONDS)
            frozen = await self._lose(store, students, Node.fall_silent)
            summaries = [await student.bye() for student in students]
        await store.close()
        await eventually(
            lambda: len(self._finished()) >= sessions, PATIENCE_SECONDS, "a row of each session"
        )
        rows = self._finished()
        exact = sum(_is_exact(summary, rows) for summary in summaries)
        return Outcome(sessions, failed, frozen, exact, len(self._site.rows()))

    async def _lose(
        self, store: Store, students: Sequence[Student], how: Callable[[Node], None]
    ) -> Loss:
        held = {node: [s for s in students if await _is_on(store, s, node)] for node in self._nodes}
        node = max(self._nodes, key=lambda each: len(held[each]))
        others = [student for student in students if student not in held[node]]
        loop = asyncio.get_running_loop()
        marks = {student: len(student.heard_at) for student in students}
        returns = {student: len(student.resumed_at) for student in students}
        began = loop.time()
        await asyncio.to_thread(how, node)
        self._nodes.remove(node)
        deadline = began + PATIENCE_SECONDS
        while loop.time() < deadline:
            if all(len(student.resumed_at) > returns[student] for student in held[node]):
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(AFTER_SECONDS)
        back = [s.resumed_at[-1] - began for s in held[node] if len(s.resumed_at) > returns[s]]
        return Loss(
            sessions=len(held[node]),
            resumed=len(back),
            slowest=max(back, default=PATIENCE_SECONDS),
            undisturbed_gap=max((_gap(s.heard_at[marks[s] - 1 :]) for s in others), default=0.0),
        )

    async def _has(self, workers: int) -> None:
        for front in self._fronts:

            def enough(front: ServiceProcess = front) -> bool:
                return _ready(front) >= workers

            await eventually(enough, PATIENCE_SECONDS, f"{workers} workers")

    def _finished(self) -> dict[str, Row]:
        """The site's rows that tell of an end, by session."""
        rows = {row["session_uuid"] or "": row for row in self._site.rows()}
        return {key: row for key, row in rows.items() if _data(row).get("end_reason")}


async def _is_on(store: Store, student: Student, node: Node) -> bool:
    assert student.ticket is not None
    row = await store.sessions.get(student.ticket.session_id)
    return row is not None and row.worker is not None and node.hosts(row.worker)


def _is_exact(summary: dict[str, object], rows: dict[str, Row]) -> bool:
    row = rows.get(str(summary["session_id"]))
    if row is None:
        return False
    data = _data(row)
    names = ("focused_time", "unfocused_time", "unknown_time", "elapsed")
    same = all(abs(float(data[name]) - float(str(summary[name]))) <= ROUNDING for name in names)
    parts = sum(float(data[name]) for name in names[:3])
    whole = int(row["focused_time_seconds"] or 0) + int(row["unfocused_time_seconds"] or 0)
    adds_up = abs(parts - float(data["elapsed"])) <= len(names) * ROUNDING
    return same and adds_up and whole == int(row["total_time_seconds"] or 0)


def _data(row: Row) -> dict[str, str]:
    found: dict[str, str] = json.loads(row["session_data"] or "{}")
    return found


def _gap(times: Sequence[float]) -> float:
    return max((b - a for a, b in pairwise(times)), default=0.0)


def _ready(front: ServiceProcess) -> int:
    lines = front.text("/metrics").splitlines()
    return sum(line.startswith("rtc_worker_ready{") and line.endswith(" 1.0") for line in lines)
