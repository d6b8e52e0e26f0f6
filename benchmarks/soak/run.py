"""Rounds of visits to the running service, and what its processes hold after each.

They are compared when everybody has left: what is held then is what is never let go.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from benchmarks.capacity.recorder import record
from benchmarks.capacity.recording import Recording
from benchmarks.soak.holdings import Holdings, growth
from benchmarks.soak.visits import FPS, Visits
from rtc_server.worker.gc_after_end import DELAY
from tests.servers.service import ServiceProcess

AT_ONCE = 3
"""Students at any moment."""
RUSH = 12
"""Students at once in the beginning: pools of connections and threads grow to their size."""
LEAVE_SECONDS = 40.0
SETTINGS = {
    "MEDIA_WORKERS": "1",
    "RECONNECT_GRACE_SECONDS": "2",
    "IDLE_TIMEOUT_SECONDS": "3",
    "CONNECT_TIMEOUT_SECONDS": "5",
    "LOG_LEVEL": "WARNING",
}
HELD = re.compile(r"^rtc_sessions\{[^}]*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Moment:
    """After a round, when everybody had left."""

    at: float
    """Seconds since the first visit."""
    processes: dict[str, Holdings]
    busiest: dict[str, Holdings]
    """The most that each held during the round."""


@dataclass(slots=True)
class Soak:
    """What was seen."""

    moments: list[Moment] = field(default_factory=list)
    visits: dict[str, int] = field(default_factory=dict)

    def growths(self, settle: float) -> dict[str, float]:
        """Per cent that each process grew by after the first ``settle`` seconds."""
        kept = [moment for moment in self.moments if moment.at >= settle]
        found: dict[str, float] = {}
        for name in kept[0].processes:
            held = [moment.processes[name] for moment in kept]
            found[f"{name} RSS"] = growth([one.rss for one in held])
            found[f"{name} threads"] = growth([float(one.threads) for one in held])
            found[f"{name} descriptors"] = growth([float(one.descriptors) for one in held])
        return found


def soak(seconds: float, round_seconds: float, tell: Callable[[Moment], None]) -> Soak:
    """Visit a service of its own for ``seconds``; ``tell`` hears of each round."""
    recording = record(FPS, (1.0,))
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        ServiceProcess(Path(folder), **SETTINGS) as service,
    ):
        return asyncio.run(_rounds(service, recording, seconds, round_seconds, tell))


async def _rounds(
    service: ServiceProcess,
    recording: Recording,
    seconds: float,
    round_seconds: float,
    tell: Callable[[Moment], None],
) -> Soak:
    found = Soak()
    family = {"front": psutil.Process(service.pid)}
    family |= {f"worker {number}": one for number, one in enumerate(service.workers())}
    began = time.monotonic()
    visits = Visits(service.url, recording)
    await visits.rush(RUSH)
    while time.monotonic() - began < seconds:
        busiest = await _round(visits, family, time.monotonic() + round_seconds)
        await _all_left(service.url)
        held = {name: Holdings.of(process) for name, process in family.items()}
        moment = Moment(time.monotonic() - began, held, busiest)
        found.moments.append(moment)
        tell(moment)
    found.visits = visits.made
    return found


async def _round(
    visits: Visits, family: dict[str, psutil.Process], until: float
) -> dict[str, Holdings]:
    async def one_after_the_other() -> None:
        while time.monotonic() < until:
            await visits.next()

    seen: list[dict[str, Holdings]] = []

    async def look() -> None:
        while True:
            seen.append({name: Holdings.of(process) for name, process in family.items()})
            await asyncio.sleep(1.0)

    looking = asyncio.ensure_future(look())
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(one_after_the_other())
    finally:
        looking.cancel()
    return {
        name: Holdings(
            max(one[name].rss for one in seen),
            max(one[name].threads for one in seen),
            max(one[name].descriptors for one in seen),
        )
        for name in family
    }


async def _all_left(url: str) -> None:
    """Wait until the workers hold no session, and a moment more; leave no connection."""
    async with asyncio.timeout(LEAVE_SECONDS), aiohttp.ClientSession(url) as http:
        while True:
            async with http.get("/metrics") as answer:
                held = HELD.findall(await answer.text())
            if not any(map(float, held)):
                break
            await asyncio.sleep(0.5)
    await asyncio.sleep(DELAY + 2.0)  # the last peer closes after its session, and is cleared away
