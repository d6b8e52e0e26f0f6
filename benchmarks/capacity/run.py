"""The runs that are compared, each for some seconds on the same cores."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmarks.bare import environment
from benchmarks.capacity.process import Child, Usage
from benchmarks.capacity.recorder import record
from tests.servers.service import ServiceProcess

FPS = 10.0
FAST_FPS = 30.0
SETTLE_OBEYING = 14.0
"""Seconds: the adviser waits 5, and the publisher for its next key frame up to 5."""
SETTLE = 4.0


@dataclass(frozen=True, slots=True)
class Cores:
    """Where what is measured runs, and where all else does."""

    server: int
    load: int


@dataclass(frozen=True, slots=True)
class Cost:
    """One run of N publishers."""

    publishers: int
    cpu: float
    """CPU seconds of the serving process per second of one session."""
    rss: float
    """MiB of the serving process with all its sessions."""
    median_ms: float
    p95_ms: float
    fps: float
    """Metrics a second of a publisher, on average."""
    slowest_fps: float
    """Of the publisher that got the fewest."""
    bits: float
    """Bits a second of a publisher's video."""
    scale: float
    """By which the publishers had scaled down, on average."""

    @property
    def per_session(self) -> float:
        """CPU seconds per second of a session with all its metrics: none is cheap by being slow."""
        return self.cpu * FPS / self.fps


class Bench:
    """Recordings and baselines of one run of the benchmark."""

    def __init__(self, cores: Cores, seconds: float) -> None:
        """``seconds``: that each run is measured for."""
        self.bare: list[float] = []
        """CPU seconds a second of bare ``FaceMesh.process``, one entry each time."""
        self._cores = cores
        self._seconds = seconds
        self._folder = tempfile.TemporaryDirectory(prefix="capacity-")

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        self._slow = record(FPS).save(folder / "slow")
        self._fast = record(FAST_FPS, (1.0,)).save(folder / "fast")
        self._bare = self._theirs("process", self._slow)
        self._bare.line()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._bare.__exit__()
        self._folder.cleanup()

    def measure_bare(self) -> None:
        """Once more, between two others."""
        self._bare.tell(str(self._seconds / 2))
        self.bare.append(float(self._bare.line()))

    def ours(self, publishers: int, *, obey: bool, fast: bool = False) -> Cost:
        """This service, its media worker alone on its core."""
        folder = Path(self._folder.name) / f"service-{publishers}-{obey}-{fast}-{len(self.bare)}"
        folder.mkdir()
        with ServiceProcess(folder, media_workers="1", max_sessions="1000") as service:
            worker = Usage(service.workers()[0])
            worker.pin(self._cores.server)
            settle = SETTLE_OBEYING if obey else SETTLE
            extra = ["--obey"] if obey else []
            return self._load("load", service.url, worker, publishers, settle, extra, fast=fast)

    def plain(self, publishers: int, *, fast: bool) -> Cost:
        """An aiortc server as its examples have it."""
        with self._theirs("plain") as server:
            url = server.line()
            return self._load("load", url, server.usage, publishers, SETTLE, [], fast=fast)

    def seeds(self, publishers: int) -> Cost:
        """Base64 JPEG over a WebSocket."""
        with self._theirs("seeds") as server:
            url = server.line()
            return self._load("seeds_load", url, server.usage, publishers, SETTLE, [])

    def _theirs(self, module: str, *arguments: object) -> Child:
        """A process of the old engine's environment."""
        return Child(
            f"benchmarks.bare.{module}", arguments, self._cores.server, environment.python()
        )

    def _load(
        self,
        module: str,
        url: str,
        usage: Usage,
        publishers: int,
        settle: float,
        extra: list[str],
        *,
        fast: bool = False,
    ) -> Cost:
        options = [f"--publishers={publishers}", f"--settle={settle}", f"--seconds={self._seconds}"]
        recording = self._fast if fast else self._slow
        arguments = [url, recording, *options, *extra]
        with Child(f"benchmarks.capacity.{module}", arguments, self._cores.load) as load:
            assert load.line() == "settled"
            usage.reset()
            students = load.json()
            cpu = usage.cpu() / publishers
            cost = _cost(students, cpu, usage.rss())
            load.wait()
        return cost


def _cost(students: list[dict[str, Any]], cpu: float, rss: float) -> Cost:
    latencies = [1e3 * each for student in students for each in student["latencies"]]
    median, p95 = np.percentile(latencies, [50, 95]).tolist() if latencies else (0.0, 0.0)
    return Cost(
        publishers=len(students),
        cpu=cpu,
        rss=rss,
        median_ms=median,
        p95_ms=p95,
        fps=float(np.mean([student["fps"] for student in students])),
        slowest_fps=min(student["fps"] for student in students),
        bits=float(np.mean([student["bits"] for student in students])),
        scale=float(np.mean([student["scale"] for student in students])),
    )
