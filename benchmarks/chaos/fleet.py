"""The services of a run, which share one database, and what is done to them."""

import asyncio
import random
import signal
import time
from pathlib import Path
from typing import Self

from tests.eventually import eventually
from tests.servers.service import ServiceProcess

START_SECONDS = 60.0
DRAIN_SECONDS = 4.0
EXIT_SECONDS = DRAIN_SECONDS + 6.0
SETTINGS = {
    "MEDIA_WORKERS": "1",
    "RECONNECT_GRACE_SECONDS": "20",
    "DRAIN_SECONDS": f"{DRAIN_SECONDS:g}",
    "MAX_OFFERS_PER_MINUTE": "100000",
    "MAX_SESSIONS_PER_ADDRESS": "100000",
}


class Fleet:
    """``count`` services on one database, each with a folder for its log."""

    def __init__(self, folder: Path, count: int, **settings: str) -> None:
        """``settings``: by their names in ``.env.example``."""
        self._members = [
            ServiceProcess(_folder(folder / f"service-{number}"), **SETTINGS | settings)
            for number in range(count)
        ]
        self._up: set[ServiceProcess] = set()
        self.kills = 0
        self.worker_kills = 0
        self.restarts = 0
        self.slowest_exit = 0.0
        """Seconds from SIGTERM to the end."""
        self.slowest_worker = 0.0
        """Seconds from a worker's death to the next one's process."""
        self.bad_exits: list[str] = []

    async def __aenter__(self) -> Self:
        """Start all of them."""
        await asyncio.gather(*(self._start(member) for member in self._members))
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all of them."""
        self._up.clear()
        await asyncio.gather(*(asyncio.to_thread(member.stop) for member in self._members))

    def __len__(self) -> int:
        """How many there are, up or down."""
        return len(self._members)

    def addresses(self) -> list[str]:
        """Where sessions can be had now."""
        return [member.url for member in self._members if member in self._up]

    def logs(self) -> str:
        """What they have written."""
        return "\n".join(member.log for member in self._members)

    async def kill(self, index: int) -> None:
        """SIGKILL the service and its workers, and start it again."""
        member = self._members[index]
        self._up.discard(member)
        await asyncio.to_thread(member.crash)
        self.kills += 1
        await self._start(member)

    async def kill_worker(self, index: int, chance: random.Random) -> None:
        """SIGKILL one of its workers, and wait until another takes sessions."""
        member = self._members[index]
        victims = await asyncio.to_thread(member.workers)
        victim = chance.choice(victims)
        began = time.monotonic()
        victim.kill()
        self.worker_kills += 1

        def replaced() -> bool:
            now = {worker.pid for worker in member.workers()}
            return bool(now - {worker.pid for worker in victims})

        await eventually(replaced, START_SECONDS, "another worker")
        self.slowest_worker = max(self.slowest_worker, time.monotonic() - began)
        await eventually(member.ready, START_SECONDS, "it takes sessions")

    async def restart(self, index: int) -> None:
        """SIGTERM, as a deployment does; it must be gone in time, with exit code 0."""
        member = self._members[index]
        self._up.discard(member)
        began = time.monotonic()
        code = await asyncio.to_thread(member.end, signal.SIGTERM, START_SECONDS)
        took = time.monotonic() - began
        self.restarts += 1
        self.slowest_exit = max(self.slowest_exit, took)
        if code:
            self.bad_exits.append(f"exit code {code}")
        await self._start(member)

    async def _start(self, member: ServiceProcess) -> None:
        await asyncio.to_thread(member.start)
        self._up.add(member)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
