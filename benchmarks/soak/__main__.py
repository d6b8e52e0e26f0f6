"""``python -m benchmarks.soak [--seconds S] [--json]``: what the service never lets go.

Students come and go for half an hour, over WebRTC and with pictures, in every old protocol, some
without a word; after each round the front's and the worker's memory, threads and descriptors are
printed. To reach: at most 1 % more at the end than after the first five minutes.
"""

import argparse
import sys

from benchmarks.quality.figure import Figure
from benchmarks.report import report
from benchmarks.soak.holdings import Holdings
from benchmarks.soak.run import Moment, soak

SECONDS = 1800.0
SETTLE_SHARE = 1 / 6
"""The first five minutes of thirty: caches fill, pools grow to their size."""
ROUND_SECONDS = 45.0
AT_MOST = 1.0
"""Per cent."""


def main() -> None:
    """Soak, print the series and the growth; exit 1 when it is too much."""
    asked = _arguments()
    print(f"{'':19} {'when all have left':41}   in the round, at most", flush=True)
    found = soak(asked.seconds, ROUND_SECONDS, _tell)
    print(", ".join(f"{count} {name}" for name, count in found.visits.items()))
    growths = found.growths(asked.seconds * SETTLE_SHARE)
    figures = [
        Figure(f"{name}: growth", value, "%", at_most=AT_MOST) for name, value in growths.items()
    ]
    sys.exit(report(figures, as_json=asked.json))


def _tell(moment: Moment) -> None:
    for name, held in moment.processes.items():
        most = moment.busiest[name]
        print(f"{moment.at:6.0f} s {name:10} {_words(held)}   {_words(most)}", flush=True)


def _words(held: Holdings) -> str:
    return f"{held.rss:8.1f} MiB {held.threads:4} threads {held.descriptors:4} descriptors"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
