"""What breaks, one after the other."""

import asyncio
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

import aiohttp

from benchmarks.chaos.campaign import Act, Fault, Stage
from benchmarks.chaos.gate import Fault as GateFault
from tests.eventually import NeverCame, eventually
from tests.servers.small_disk import SmallDisk

FULL = "store_unavailable"
UNAVAILABLE = 503
PROBE_SECONDS = 0.2
WRITTEN_SECONDS = 20.0
CAUGHT_UP_SECONDS = 3.0
"""One after the other: what a store that was away did not take is lost to a kill before this."""
BITE_SECONDS = 30.0
"""Within which a full disk must have refused a new session."""


def calm(seconds: float) -> Fault:
    """Nothing breaks."""

    async def act(_: Stage) -> None:
        await asyncio.sleep(seconds)

    return act


def answering(fault: GateFault, seconds: float) -> Fault:
    """The site answers like this."""

    async def act(stage: Stage) -> None:
        stage.gate.fault = fault
        await asyncio.sleep(seconds)
        stage.gate.fault = GateFault.NONE

    return act


def php_killed(seconds: float) -> Fault:
    """PHP is gone: its port refuses connections."""

    async def act(stage: Stage) -> None:
        stage.gate.shut()
        await asyncio.to_thread(stage.site.stop_php)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(stage.site.start_php)
        await stage.gate.open()

    return act


def php_hangs(seconds: float) -> Fault:
    """PHP stands still in whatever it does, and goes on when nobody waits any more."""

    async def act(stage: Stage) -> None:
        stage.site.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        stage.site.send_signal(signal.SIGCONT)

    return act


def mariadb_restarts(seconds: float) -> Fault:
    """The site's database is killed and comes back."""

    async def act(stage: Stage) -> None:
        database = stage.site.database
        await asyncio.to_thread(database.stop, signal.SIGKILL)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(database.start)
        await asyncio.sleep(CAUGHT_UP_SECONDS)

    return act


def services_killed(times: int, longest: float = 3.0) -> Fault:
    """Each service is SIGKILLed with its workers, again and again, at random moments."""

    async def act(stage: Stage) -> None:
        async def kill(index: int) -> None:
            for _ in range(index, times, len(stage.fleet)):
                await asyncio.sleep(stage.chance.uniform(0.0, longest))
                await stage.fleet.kill(index)

        await asyncio.gather(*(kill(index) for index in range(len(stage.fleet))))

    return act


def workers_killed(times: int, longest: float = 4.0) -> Fault:
    """Workers are SIGKILLed at random moments."""

    async def act(stage: Stage) -> None:
        async def kill(index: int) -> None:
            for _ in range(index, times, len(stage.fleet)):
                await asyncio.sleep(stage.chance.uniform(0.0, longest))
                await stage.fleet.kill_worker(index, stage.chance)

        await asyncio.gather(*(kill(index) for index in range(len(stage.fleet))))

    return act


def services_restarted(times: int, longest: float = 2.0) -> Fault:
    """Deployments: SIGTERM under load, one service after the other."""

    async def act(stage: Stage) -> None:
        for number in range(times):
            await asyncio.sleep(stage.chance.uniform(0.0, longest))
            await stage.fleet.restart(number % len(stage.fleet))

    return act


def disk_full(disk: SmallDisk, seconds: float) -> Fault:
    """The store's disk has no room: new sessions are refused, running ones go on in memory."""

    async def act(stage: Stage) -> None:
        await asyncio.to_thread(disk.fill)
        refused = await _refusal(stage)
        answered = stage.answered()
        await asyncio.sleep(seconds)
        stage.notes["refused while the disk was full"] = refused
        stage.notes["answered while the disk was full"] = stage.answered() - answered
        await asyncio.to_thread(disk.make_room)
        room = time.time()
        with suppress(NeverCame):
            await eventually(lambda: not disk.behind(room), WRITTEN_SECONDS, "all is written")
        await asyncio.sleep(CAUGHT_UP_SECONDS)

    return act


async def _refusal(stage: Stage) -> int:
    """Ask for sessions until one is refused as it should be; 0 when that does not happen."""
    deadline = time.monotonic() + BITE_SECONDS
    while time.monotonic() < deadline:
        for url in stage.fleet.addresses():
            if await _is_refused(stage.http, url):
                return 1
        await asyncio.sleep(PROBE_SECONDS)
    return 0


async def _is_refused(http: aiohttp.ClientSession, url: str) -> bool:
    """Whether a new session gets 503, the reason, and when to come again."""
    asked = {"v": 1, "type": "attach", "user_id": "2000000", "module_id": "3"}
    async with http.post(f"{url}/api/attach", json=asked) as response:
        body = await response.json()
        again = response.headers.get("Retry-After", "")
        return (response.status, body.get("code")) == (UNAVAILABLE, FULL) and again.isdigit()


def site_faults(pace: float) -> Sequence[Act]:
    """Everything that a site may do; ``pace``: seconds of each."""
    return [
        ("PHP is killed", php_killed(pace)),
        ("PHP hangs", php_hangs(pace + 8.0)),  # longer than a POST waits
        *(
            (f"the site: {fault.value}", answering(fault, pace))
            for fault in (
                GateFault.SERVER_ERROR,
                GateFault.REFUSED,
                GateFault.GARBAGE,
                GateFault.CUT,
            )
        ),
        ("MariaDB restarts", mariadb_restarts(pace / 2)),
    ]
