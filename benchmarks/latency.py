"""How long a frame's metrics take to come back, and what a session costs.

``python -m benchmarks.latency [--publishers N] [--seconds S] [--json]``: aiortc publishers in a
process of their own send 640x480 pictures of a moving face at ten frames a second over loopback
to the service as it is run. The clock of a frame starts when the publisher's track hands it to
aiortc's sender, so its VP8 encoder is part of it, and stops when the metrics come out of the
publisher's data channel. Beside it stands what ``FaceMesh.process`` alone costs on the same
pictures in the same run: machines differ, and are busy with other things. Then the same with as
many sessions as take half of a core. ``chrt --fifo 10`` in front of the command keeps the others
out of the way.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

import numpy as np

from benchmarks.capacity.run import Bench, Cores
from benchmarks.quality.figure import Figure
from benchmarks.report import report
from tests.servers.service import ServiceProcess

FPS = 10.0
HALF = 0.5
"""Of one core's CPU time, by what a session costs."""
LOADED_MEDIAN_MS, LOADED_P95_MS = 25.0, 60.0
"""To reach at half of capacity."""
MEDIAN_TO_REACH_MS = 15.0
"""With one publisher. Unchanged aiortc holds every frame back until the next one: 100 ms more."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of the publishers gave."""

    latencies: Sequence[float]
    """Milliseconds, of all frames of all publishers."""
    sending: Sequence[float]
    """Milliseconds of them until a frame's last packet had left its publisher."""
    slowest_fps: float
    """Metrics a second of the publisher that got the fewest."""
    cpu: float
    """CPU seconds of the media worker per second of one session."""

    def figures(self, publishers: int) -> list[Figure]:
        """The rows of the table."""
        middle, slow = np.percentile(self.latencies, [50, 95]).tolist()
        limit = MEDIAN_TO_REACH_MS if publishers == 1 else None
        of = f"{publishers} publisher{'s' * (publishers > 1)}"
        return [
            Figure(f"frame to metrics, median, {of}", middle, "ms", at_most=limit),
            Figure(f"frame to metrics, 95th percentile, {of}", slow, "ms"),
            Figure("of it encoding and sending, median", median(self.sending), "ms"),
            Figure(f"metrics a second, {of}", self.slowest_fps, "/s", at_least=0.9 * FPS),
            Figure("media worker, per second of session", self.cpu, "CPU s"),
        ]


def stream(publishers: int, seconds: float) -> Measured:
    """Run service and publishers."""
    with (
        tempfile.TemporaryDirectory(prefix="latency-") as folder,
        ServiceProcess(Path(folder), MEDIA_WORKERS="1") as service,
    ):
        (worker,) = service.workers()
        command = [sys.executable, "-m", "benchmarks.publishing", service.url]
        options = [f"--publishers={publishers}", f"--seconds={seconds}", f"--fps={FPS}"]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            _expect_live(process.stdout)
            spent, began = sum(worker.cpu_times()[:2]), time.monotonic()
            students = json.loads(process.stdout.readline())
            spent = sum(worker.cpu_times()[:2]) - spent
            lasted = time.monotonic() - began
    return Measured(
        latencies=[1e3 * each for student in students for each in student["latencies"]],
        sending=[1e3 * each for student in students for each in student["sending"]],
        slowest_fps=min(student["fps"] for student in students),
        cpu=spent / lasted / publishers,
    )


def _expect_live(output: IO[str]) -> None:
    line = output.readline()
    if line.strip() != "live":
        raise RuntimeError("the publishers did not get to their metrics")


def at_half_of_capacity(cpu: float, bench: Bench) -> list[Figure]:
    """As many sessions as take half of a core at ``cpu`` CPU seconds a second each.

    Their publishers send recorded VP8 from another core: what their encoders take is not ours.
    """
    sessions = max(2, round(HALF / cpu))
    cost = bench.ours(sessions, obey=False)
    of = f"at half of capacity ({sessions} sessions)"
    return [
        Figure(f"{of}, median", cost.median_ms, "ms", at_most=LOADED_MEDIAN_MS),
        Figure(f"{of}, 95th percentile", cost.p95_ms, "ms", at_most=LOADED_P95_MS),
        Figure(f"{of}, slowest", cost.slowest_fps, "/s", at_least=0.9 * FPS),
        Figure(f"{of}, of the core in use", cost.cpu * sessions, ""),
    ]


def main(arguments: list[str]) -> int:
    """Measure, print, and say whether everything reaches what it is to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks.latency", description=__doc__)
    parser.add_argument("--publishers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="of streaming")
    parser.add_argument(
        "--cores",
        default="0,1",
        help="of bare FaceMesh and, at half of capacity, of server and publishers",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(arguments)
    measured = stream(options.publishers, options.seconds)
    server, load = map(int, options.cores.split(","))
    with Bench(Cores(server, load), options.seconds) as bench:
        bench.measure_bare()
        (bare,) = bench.bare
        figures = [
            *measured.figures(options.publishers),
            Figure("bare FaceMesh.process, a frame", 1e3 * bare / FPS, "CPU ms"),
            Figure("media worker over bare FaceMesh at 10 fps", measured.cpu / bare, "x"),
        ]
        if options.publishers == 1:
            figures += at_half_of_capacity(measured.cpu, bench)
    return report(figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
