"""``python -m benchmarks.chaos [--json] [--seed N]``: nothing lost, nothing doubled, nothing wrong.

200 short sessions on two services with one database, while PHP, MariaDB, the services, their
workers and the store's disk break one after the other; then fewer on each of the two old kinds
of endpoint, one of them with its store in the MariaDB that restarts. Needs root (for a disk that
can be full), PHP and MariaDB. ``CHAOS_LOG`` names a file that the services' logs are appended to.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.chaos import faults
from benchmarks.chaos.campaign import Act, Plan
from benchmarks.chaos.run import Result, run
from benchmarks.report import machine, report
from tests.components import missing
from tests.servers.small_disk import SmallDisk

COMPONENTS = ("php", "mariadb", "small disk")
KILLS = 20
SHOWN = 20
"""Problems that are printed."""
OWN = Plan(sessions=200, students=10, peers=10)
INSERTING = Plan(sessions=40, students=5, services=1, endpoint="insert_every_call.php")
ADDING = Plan(sessions=40, students=5, services=1, lessons=2, endpoint="add_to_todays_row.php")


def everything(small: SmallDisk) -> list[Act]:
    """Every fault there is."""
    return [
        ("calm", faults.calm(6.0)),
        *faults.site_faults(8.0),
        ("the store's disk is full", faults.disk_full(small, 10.0)),
        (f"services killed {KILLS} times", faults.services_killed(KILLS)),
        (f"workers killed {KILLS} times", faults.workers_killed(KILLS)),
        ("services restarted 4 times", faults.services_restarted(4)),
    ]


def old_kinds() -> list[Act]:
    """What an endpoint without a key must bear."""
    return [*faults.site_faults(6.0), ("services killed 4 times", faults.services_killed(4))]


async def campaigns(seed: int) -> list[Result]:
    """The large one by itself; then the old kinds beside each other."""
    with SmallDisk() as small:
        own = await run(OWN, everything(small), small.database, seed, _tell)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        old = await asyncio.gather(
            run(INSERTING, old_kinds(), None, seed + 1, _tell),
            run(ADDING, old_kinds(), Path(folder) / "store.db", seed + 2, _tell),
        )
    return [own, *old]


def main(arguments: list[str]) -> int:
    """Run all and print the table; 1 when anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="benchmarks.chaos", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args(arguments)
    absent = [why for part in COMPONENTS if (why := missing(part))]
    if absent:
        print(f"the chaos cannot be made here: {'; '.join(absent)}")
        return 1
    began = time.monotonic()
    print(machine())
    results = asyncio.run(campaigns(options.seed))
    _print_problems(results)
    print(f"{time.monotonic() - began:.0f} s, seed {options.seed}")
    return report([figure for one in results for figure in one.figures()], as_json=options.json)


def _print_problems(results: Sequence[Result]) -> None:
    for result in results:
        for problem in result.problems[:SHOWN]:
            print(f"  ! {problem}")


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
