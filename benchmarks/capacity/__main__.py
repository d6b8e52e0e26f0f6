"""``python -m benchmarks.capacity [--quick] [--json]``: a session's cost, and how many fit a core.

The publishers send recorded VP8, 640x480 at ten frames a second, from a process of their own.
The serving process has a core to itself, as far as the machine lets it. In the same run, on the
same pictures: bare ``FaceMesh.process``, a plain aiortc server, and base64 JPEG over a WebSocket.
Costs are CPU seconds a second of one session that got ten metrics a second; bare FaceMesh is
measured again between the others, and ratios are taken to its median.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.capacity.blinks import Blinks, blinks_at_advised_size
from benchmarks.capacity.run import Bench, Cores, Cost
from benchmarks.quality.figure import Figure
from benchmarks.report import report

P95_MS = 150.0
LEAST_FPS = 9.0
BISECTIONS = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """Equally many sessions, each way."""

    obeyed: Cost
    ignored: Cost
    plain_10: Cost
    plain_30: Cost
    seeds: Cost
    bare: float

    def figures(self) -> Iterator[Figure]:
        """The rows of the table."""
        ways = {
            "this service, advice obeyed": self.obeyed,
            "this service, advice ignored": self.ignored,
            "plain aiortc fed at 10 fps": self.plain_10,
            "plain aiortc fed at 30 fps": self.plain_30,
            "base64 JPEG over WebSocket": self.seeds,
        }
        yield Figure("bare FaceMesh.process, 10 fps", self.bare, "CPU s/s")
        for name, cost in ways.items():
            yield Figure(name, cost.per_session, "CPU s/s")
        yield from self._ratios()

    def _ratios(self) -> Iterator[Figure]:
        ours, ignored = self.obeyed.per_session, self.ignored.per_session
        yield Figure("advice obeyed over bare", ours / self.bare, "x", at_most=1.4)
        yield Figure("advice ignored over bare", ignored / self.bare, "x", at_most=1.6)
        yield Figure("obeyed over JPEG", ours / self.seeds.per_session, "x", at_most=1.0)
        traffic = self.obeyed.bits / self.seeds.bits
        yield Figure("traffic, obeyed over JPEG", traffic, "x", at_most=0.1)
        yield Figure(
            "obeyed over plain fed at 30", ours / self.plain_30.per_session, "x", at_most=0.65
        )
        yield Figure("obeyed over plain fed at 10", ours / self.plain_10.per_session, "x")
        yield Figure("scale obeyed", self.obeyed.scale, "x")


def compare(bench: Bench, publishers: int) -> Comparison:
    """Measure all ways, bare FaceMesh between them."""
    return Comparison(
        obeyed=_after_bare(bench, lambda: bench.ours(publishers, obey=True)),
        ignored=_after_bare(bench, lambda: bench.ours(publishers, obey=False)),
        plain_10=_after_bare(bench, lambda: bench.plain(publishers, fast=False)),
        plain_30=_after_bare(bench, lambda: bench.plain(publishers, fast=True)),
        seeds=_after_bare(bench, lambda: bench.seeds(publishers)),
        bare=median(bench.bare),
    )


def _after_bare(bench: Bench, way: Callable[[], Cost]) -> Cost:
    bench.measure_bare()
    return way()


def sweep(bench: Bench, most: int, *, bisect: bool) -> list[Cost]:
    """More and more sessions on one worker until they do not fit, then the largest that do."""
    costs, fits, publishers = [], 0, 1
    while publishers <= most:
        costs.append(bench.ours(publishers, obey=True))
        if not _fits(costs[-1]):
            break
        fits, publishers = publishers, 2 * publishers
    for _ in range(BISECTIONS if bisect and publishers <= most else 0):
        middle = (fits + publishers) // 2
        if middle == fits:
            break
        costs.append(bench.ours(middle, obey=True))
        fits, publishers = (middle, publishers) if _fits(costs[-1]) else (fits, middle)
    return sorted(costs, key=lambda cost: cost.publishers)


def _fits(cost: Cost) -> bool:
    return cost.p95_ms <= P95_MS and cost.slowest_fps >= LEAST_FPS


def blink_figures(blinks: Blinks) -> Iterator[Figure]:
    """What scaling down costs the measurement."""
    yield Figure(f"blink F1, advised size (1/{blinks.scale:g})", blinks.advised, "")
    yield Figure("blink F1 lost by it", blinks.lost, "", at_most=0.01)


def sweep_figures(costs: list[Cost], cpu: float, *, found: bool) -> Iterator[Figure]:
    """The rows of the sweep, and what follows from them."""
    for cost in costs:
        of = f"{cost.publishers} session{'s' * (cost.publishers > 1)}"
        yield Figure(f"{of}: worker, each", cost.per_session, "CPU s/s")
        yield Figure(f"{of}: frame to metrics, median", cost.median_ms, "ms")
        yield Figure(f"{of}: frame to metrics, p95", cost.p95_ms, "ms")
        yield Figure(f"{of}: slowest session", cost.slowest_fps, "/s")
        yield Figure(f"{of}: RSS of the worker", cost.rss, "MiB")
    first, last = costs[0], costs[-1]
    if last.publishers > first.publishers:
        slope = (last.rss - first.rss) / (last.publishers - first.publishers)
        yield Figure("RSS of a further session", slope, "MiB", at_most=5.0)
    if found:
        fit = max((cost.publishers for cost in costs if _fits(cost)), default=0)
        yield Figure("sessions on one core", fit, "")
        yield Figure("of what their cost allows", fit * cpu, "x", at_least=0.9)


def main(arguments: list[str]) -> int:
    """Measure, print, and say whether everything reaches what it is to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks.capacity", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about three minutes: no search")
    parser.add_argument("--seconds", type=float, default=None, help="that each run is measured")
    parser.add_argument("--publishers", type=int, default=4, help="in the comparison")
    parser.add_argument("--most", type=int, default=64, help="sessions to try on one core")
    parser.add_argument("--cores", default="0,1", help="of the server, of the publishers")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    told = parser.parse_args(arguments)
    server, load = map(int, told.cores.split(","))
    seconds = told.seconds or (6.0 if told.quick else 15.0)
    with Bench(Cores(server, load), seconds) as bench:
        compared = compare(bench, told.publishers)
        most = 1 if told.quick else told.most
        swept = sweep(bench, most, bisect=not told.quick)
    if told.quick:
        swept.append(compared.obeyed)
    cpu = compared.obeyed.per_session
    figures = [
        *compared.figures(),
        *sweep_figures(swept, cpu, found=not told.quick),
        *blink_figures(blinks_at_advised_size()),
    ]
    return report(figures, as_json=told.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
