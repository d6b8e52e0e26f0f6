"""How long it takes until metrics come again after something broke, or is noticed.

``python -m benchmarks.recovery [--trials N] [--json]``: aiortc publishers send a moving face over
loopback to the service as it is run, with one media worker. Three accidents, each ``N`` times; the
worst counts:

- a packet of video is lost, and everything that repeats it: the longest distance of two metrics;
- a publisher vanishes without a word: until its session is ``reconnecting``;
- the worker is killed: until another one takes sessions, and until metrics come from the session
  of a publisher that tries to resume it from then on, four times a second.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import aiohttp

from benchmarks.quality.figure import Figure
from benchmarks.report import report
from tests.eventually import eventually
from tests.fakes.face_track import face_track
from tests.fakes.losing import LosesOnce
from tests.fakes.publisher import Publisher
from tests.fakes.whip import Ticket, WhipClient
from tests.servers.service import ServiceProcess

RATES = (10.0, 30.0)
"""Frames a second of the publisher that loses a packet."""
LOST_FRAME = 5
WATCHED_SECONDS = 3.0
PATIENCE = 30.0
TRY_AGAIN = 0.25

T = TypeVar("T")


class Lesson:
    """One service and its students."""

    def __init__(self, service: ServiceProcess, http: aiohttp.ClientSession) -> None:
        """All students are of this process."""
        self._service = service
        self._whip = WhipClient(http, service.url)
        self._students = 0

    async def lost_packet(self, fps: float) -> float:
        """Seconds between two metrics, at most, around a packet that is lost for good."""
        publisher, _ = await self._student(fps)
        publisher.connection.network = network = LosesOnce(LOST_FRAME, for_good=True)
        loop = asyncio.get_running_loop()
        began, last, longest = loop.time(), loop.time(), 0.0
        while last - began < WATCHED_SECONDS:
            await _soon(publisher.metrics.get())
            longest, last = max(longest, loop.time() - last), loop.time()
        if network.lost is None:
            raise RuntimeError("no packet was lost")
        await publisher.close()
        return longest

    async def killed_publisher(self) -> float:
        """Seconds until the service knows that the publisher is gone."""
        publisher, ticket = await self._student()
        noticed = json.dumps(f"session {ticket.session_id}: live → reconnecting").strip('"')
        began = asyncio.get_running_loop().time()
        await publisher.kill()
        await eventually(lambda: noticed in self._service.log, PATIENCE, "the loss is noticed")
        took = asyncio.get_running_loop().time() - began
        await self._whip.end(ticket)
        await publisher.close()
        return took

    async def killed_worker(self) -> tuple[float, float]:
        """Seconds until there is another worker, and until the session goes on."""
        publisher, ticket = await self._student()
        (worker,) = self._service.workers()
        began = asyncio.get_running_loop().time()
        worker.send_signal(signal.SIGKILL)
        replaced, resumed = await asyncio.gather(self._replaced(worker.pid), self._resumed(ticket))
        await publisher.close()
        return replaced - began, resumed - began

    async def _student(self, fps: float = 10.0) -> tuple[Publisher, Ticket]:
        """A new student whose metrics flow."""
        self._students += 1
        publisher = Publisher(face_track(fps))
        ticket = await self._whip.publish(publisher, user_id=str(self._students))
        for _ in range(10):
            await _soon(publisher.metrics.get())
        while not publisher.metrics.empty():
            publisher.metrics.get_nowait()
        return publisher, ticket

    async def _replaced(self, killed: int) -> float:
        def another() -> bool:
            others = [worker.pid for worker in self._service.workers() if worker.pid != killed]
            return bool(others) and self._service.ready()

        await eventually(another, PATIENCE, "another worker takes sessions")
        return asyncio.get_running_loop().time()

    async def _resumed(self, ticket: Ticket) -> float:
        """When the first metrics of the session come over a new connection."""
        async with asyncio.timeout(PATIENCE):
            while True:
                publisher = Publisher(face_track())
                try:
                    ticket = await self._whip.resume(publisher, ticket)
                    await publisher.metrics.get()
                except aiohttp.ClientError:
                    await asyncio.sleep(TRY_AGAIN)
                    continue
                else:
                    came = asyncio.get_running_loop().time()
                    await self._whip.end(ticket)
                    return came
                finally:
                    await publisher.close()


async def _soon(awaitable: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await awaitable


async def _times(count: int, accident: Callable[[], Awaitable[T]]) -> list[T]:
    return [await accident() for _ in range(count)]


async def measure(service: ServiceProcess, trials: int) -> list[Figure]:
    """Let all accidents happen."""
    async with AsyncExitStack() as stack:
        lesson = Lesson(service, await stack.enter_async_context(aiohttp.ClientSession()))
        gaps = {fps: await _times(trials, partial(lesson.lost_packet, fps)) for fps in RATES}
        noticed = await _times(trials, lesson.killed_publisher)
        replaced = await _times(trials, lesson.killed_worker)
    return [*_figures(gaps, noticed, replaced)]


def _figures(
    gaps: dict[float, list[float]], noticed: list[float], replaced: list[tuple[float, float]]
) -> Iterator[Figure]:
    for fps, longest in gaps.items():
        yield from _rows(f"one packet lost for good at {fps:g} fps, gap", longest, 0.8)
    yield from _rows("publisher killed, noticed after", noticed, 8.0)
    yield from _rows("worker killed, replaced after", [each[0] for each in replaced], 2.0)
    yield from _rows("worker killed, session resumed after", [each[1] for each in replaced], 4.0)


def _rows(name: str, seconds: Iterable[float], limit: float) -> Iterator[Figure]:
    values = list(seconds)
    yield Figure(name, max(values), "s", at_most=limit)
    yield Figure("  median", median(values), "s")


def main(arguments: list[str]) -> int:
    """Measure, print, and say whether everything reaches what it is to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks.recovery", description=__doc__)
    parser.add_argument("--trials", type=int, default=3, help="of each accident")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    told = parser.parse_args(arguments)
    for fps in RATES:
        face_track(fps)
    with (
        tempfile.TemporaryDirectory(prefix="recovery-") as folder,
        ServiceProcess(Path(folder)) as service,
    ):
        figures = asyncio.run(measure(service, told.trials))
    return report(figures, as_json=told.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
