"""A cluster that loses machines, and placement on many: ``python -m benchmarks.cluster [--json]``.

Needs MariaDB, PHP and Ray (``make setup``); ``--placement`` simulates the placement alone.
"""

import argparse
import asyncio
import sys

import numpy as np

from benchmarks.cluster.loss import Loss, Outcome, run
from benchmarks.cluster.simulation import Outcome as Placed
from benchmarks.cluster.simulation import Plan, Simulation
from benchmarks.quality.figure import Figure
from benchmarks.report import report

RESUMED_WITHIN = 10.0
DECIDED_WITHIN_MS = 10.0
IMBALANCE = 10.0


async def simulate() -> Placed:
    """The placement alone; its parts want an event loop to belong to."""
    return Simulation(Plan()).run()


def placement_figures(placed: Placed) -> list[Figure]:
    """The rows on placement."""
    plan = Plan()
    middle, slow = (1e3 * np.percentile(placed.decisions, [50, 99])).tolist()
    of = f"{plan.sessions:,} sessions on {plan.nodes} machines"
    bounded = ("all there", "while they come and go", "after the loss of a machine")
    return [
        Figure(f"choice, median, {of}", middle, "CPU ms"),
        Figure(f"choice, 99th percentile, {of}", slow, "CPU ms", at_most=DECIDED_WITHIN_MS),
        *(
            Figure(
                f"busiest machine over the mean, {name}",
                100 * value,
                "%",
                at_most=IMBALANCE if name in bounded else None,
            )
            for name, value in placed.imbalances.items()
        ),
        Figure("busiest worker over the mean", 100 * placed.workers, "%"),
        Figure("of the next sessions, on 10 machines that joined", 100 * placed.on_joining, "%"),
    ]


def loss_figures(outcome: Outcome) -> list[Figure]:
    """The rows on lost machines."""
    every = float(outcome.sessions)
    return [
        *_figures("a machine that fails", outcome.failed),
        *_figures("a machine that freezes", outcome.frozen),
        Figure("rows at the site", outcome.rows, "", at_least=every, at_most=every),
        Figure("of them exact", outcome.exact_rows, "", at_least=every),
    ]


def _figures(what: str, loss: Loss) -> list[Figure]:
    return [
        Figure(f"{what}: sessions on it", loss.sessions, "", at_least=1.0),
        Figure(f"{what}: of them resumed", loss.resumed, "", at_least=float(loss.sessions)),
        Figure(f"{what}: the last resumed after", loss.slowest, "s", at_most=RESUMED_WITHIN),
        Figure(f"{what}: longest gap elsewhere", loss.undisturbed_gap, "s"),
    ]


def main(arguments: list[str]) -> int:
    """Measure, print, and say whether everything reaches what it is to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks.cluster", description=__doc__)
    parser.add_argument("--sessions", type=int, default=6, help="on the real cluster")
    parser.add_argument("--placement", action="store_true", help="simulate the placement alone")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(arguments)
    figures = [] if options.placement else loss_figures(run(options.sessions))
    figures += placement_figures(asyncio.run(simulate()))
    return report(figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
