"""``python -m benchmarks.network [NAME …] [--json]``: a student behind every kind of network.

Needs root: each network is a set of namespaces (``tests/network``) with a real coturn, Chromium,
service, PHP and MariaDB. Exit 1 when a profile misses what it is to reach.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from benchmarks.quality.figure import Figure
from benchmarks.report import machine
from tests.components import missing
from tests.network.lab import COMPONENTS, Lab
from tests.network.outcome import Outcome
from tests.network.profile import PROFILES, Profile

HEAD = f"{'':4} {'network':40} {'rung':10} {'first':>7} {'a second':>9} {'gap':>6} {'row':>7}  TURN"


@dataclass(frozen=True)
class Line:
    """One profile: what came of it, or why nothing did."""

    profile: Profile
    outcome: Outcome | None
    error: str

    @property
    def problems(self) -> list[str]:
        """Sentences on what it misses."""
        return [self.error] if self.outcome is None else self.outcome.problems()

    def __str__(self) -> str:
        mark = "MISS" if self.problems else "ok"
        start = f"{mark:4} {self.profile.name:40}"
        return " ".join([start, self._measured(), *(f"({one})" for one in self.problems)])

    def _measured(self) -> str:
        if self.outcome is None:
            return "-"
        seen = self.outcome.recording
        return (
            f"{seen.rung:10} {seen.first_after:5.2f} s {seen.rate:9.2f} {seen.gap:4.1f} s "
            f"{self.outcome.row_error:5.2f} s  {self.outcome.turn_health}"
        )

    def figures(self) -> Iterator[Figure]:
        """For programs."""
        profile, outcome = self.profile, self.outcome
        yield Figure(f"{profile.name}: delivers as it must", float(not self.problems), "", 1.0)
        if outcome is None:
            return
        seen = outcome.recording
        name = f"{profile.name} ({seen.rung})"
        first, gap = profile.first_within, profile.longest_gap
        yield Figure(f"{name}: to the first metrics", seen.first_after, "s", at_most=first)
        yield Figure(f"{name}: metrics", seen.rate, "1/s", at_least=profile.rate)
        yield Figure(f"{name}: longest gap", seen.gap, "s", at_most=gap)
        yield Figure(f"{name}: rows", float(outcome.rows), "", at_least=1, at_most=1)
        off = outcome.row_error
        yield Figure(f"{name}: row is off", off, "s", at_most=profile.tolerance)


def main(arguments: list[str]) -> int:
    """Send a student through each network; print a line each."""
    parser = argparse.ArgumentParser(prog="benchmarks.network", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of profiles' names; none: all of them")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(arguments)
    absent = sorted({reason for part in COMPONENTS if (reason := missing(part))})
    if absent:
        print(f"the laboratory cannot be built here: {'; '.join(absent)}")
        return 1
    signal.signal(signal.SIGTERM, _leave)  # as ^C: the namespaces are taken down
    lines = _all(options.names)
    if options.json:
        results = [figure.as_json() for line in lines for figure in line.figures()]
        print(json.dumps({"machine": machine(), "results": results}))
    return 1 if any(line.problems for line in lines) else 0


def _leave(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _all(names: list[str]) -> list[Line]:
    chosen = [
        profile
        for profile in PROFILES
        if not names or any(name.lower() in profile.name.lower() for name in names)
    ]
    began, lines = time.monotonic(), []
    with Lab() as lab:
        print(f"{machine()}\n{HEAD}", flush=True)
        for profile in chosen:
            lines.append(_one(lab, profile))
            print(lines[-1], flush=True)
    print(f"{len(lines)} networks in {time.monotonic() - began:.0f} s")
    return lines


def _one(lab: Lab, profile: Profile) -> Line:
    try:
        return Line(profile, lab.run(profile), "")
    except Exception as error:  # noqa: BLE001 - the root: the other networks are tried all the same
        return Line(profile, None, f"{type(error).__name__}: {_said(error)}")


def _said(error: Exception) -> str:
    """The first line of what it says, or the line that failed where it says nothing."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (str(error).strip() or f"{where.line} ({where.name})").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
