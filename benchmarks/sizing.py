"""How many machines a school needs, by the newest figures: ``python -m benchmarks.sizing``.

Reads what a session costs from the capacity table of ``docs/benchmarks.md`` and makes the sizing
table of ``docs/operations.md``; a test holds the two together.
"""

import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from rtc_server.base.config import PeerConfig

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "docs" / "benchmarks.md"
OPERATIONS = ROOT / "docs" / "operations.md"
MARKS = ("<!-- sizing: python -m benchmarks.sizing --write -->", "<!-- end of sizing -->")
STUDENTS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
USED = 2 / 3
"""Share of a core to plan with; the rest is for peaks, and for what a lost machine leaves."""
CORES_A_MACHINE = 8
FIGURES = {
    "cpu": r"^\| this service, advice ignored[^|]*\| *(?:[\d.]+\W)?([\d.]+) *\|",
    "base": r"holds ([\d.]+) MiB with one session",
    "further": r"and ([\d.]+) MiB more for each",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What sessions cost, in the worse case where there are two."""

    cpu: float
    """CPU seconds of a media worker per second of a session."""
    base: float
    """MiB of a worker with one session."""
    further: float
    """MiB of each further one."""

    @property
    def sessions_per_core(self) -> int:
        """To plan with."""
        return max(1, math.floor(USED / self.cpu))

    def row(self, students: int) -> str:
        """One row of the table."""
        cores = math.ceil(students / self.sessions_per_core)
        memory = (cores * self.base + (students - cores) * self.further) / 1024
        traffic = students * (PeerConfig().max_bitrate or 0) / 1e6
        machines = math.ceil(cores / CORES_A_MACHINE)
        needed = f"{cores:,} | {machines:,} | {memory:,.1f} GiB | {traffic:,.0f} Mbit/s"
        return f"| {students:,} | {needed} |"


def measured(text: str) -> Cost:
    """The figures in ``docs/benchmarks.md``; raises ``ValueError`` where one is missing."""
    found = {name: re.search(pattern, text, re.MULTILINE) for name, pattern in FIGURES.items()}
    missing = [name for name, match in found.items() if match is None]
    if missing:
        raise ValueError(f"docs/benchmarks.md does not tell {', '.join(missing)}: see FIGURES")
    return Cost(**{name: float(match[1]) for name, match in found.items() if match is not None})


def table(cost: Cost) -> str:
    """In Markdown."""
    head = (
        f"A session costs {cost.cpu:g} CPU seconds a second where its publisher ignores advice: "
        f"{cost.sessions_per_core} fill two\n"
        f"thirds of a core. A worker holds {cost.base:g} MiB with its first session, "
        f"{cost.further:g} MiB more with each further one.\n\n"
        f"| Students at once | Cores for workers | Machines of {CORES_A_MACHINE} cores "
        "| Memory of the workers | Traffic in, at most |\n|---|---|---|---|---|"
    )
    return "\n".join([head, *(cost.row(students) for students in STUDENTS)])


def written(text: str, made: str) -> str:
    """``docs/operations.md`` with this table."""
    before, rest = text.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    return f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{after}"


def main(arguments: list[str]) -> None:
    """Print the table, or put it where it belongs."""
    made = table(measured(BENCHMARKS.read_text(encoding="utf-8")))
    print(made)
    if "--write" in arguments:
        text = OPERATIONS.read_text(encoding="utf-8")
        OPERATIONS.write_text(written(text, made), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
