"""``python -m benchmarks.fuzz [NAME …] [--runs N] [--cases N] [--json]``: hostile input.

Each atheris target and each schemathesis round runs in processes of its own, bounded in time;
crashes, hangs and growth of memory are told, and what found them is kept in ``var/fuzz``.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fuzz import api, targets
from benchmarks.quality.figure import Figure
from benchmarks.report import report

RUNS = 100_000
CASES = 5_000
API = "api"
TARGET_SECONDS = 600
"""Whatever an input costs."""
KEPT = Path("var/fuzz")
FAULTS = {"crash": "crash-*", "hang": "timeout-*", "memory": "oom-*"}
LEAK_MIB = 2.0
"""Over 80,000 inputs: noise of the allocator, not 26 bytes an input."""


def main() -> None:
    """Run what was asked for, print the table, exit 1 when something was found."""
    asked = _arguments()
    figures: list[Figure] = []
    for name in asked.names or [*targets.NAMES, API]:
        found = _api(asked.cases) if name == API else _target(name, asked.runs)
        for figure in found:
            figures.append(figure)
            report([figure], as_json=False)
    print()
    sys.exit(report(figures, as_json=asked.json))


def _target(name: str, runs: int) -> Iterator[Figure]:
    """One target: fuzzed, then replayed without the fuzzer."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as made:
        folder = Path(made)
        fuzzed = _child(name, folder, runs)
        faults = sum(_keep(name, folder, pattern) for pattern in FAULTS.values())
        done = folder / "done.json"
        inputs = json.loads(done.read_text())["inputs"] if done.exists() else 0
        if fuzzed.returncode or faults:
            print(fuzzed.stderr[-4000:], file=sys.stderr)
        yield Figure(f"{name}: inputs", inputs, "", at_least=runs)
        yield Figure(
            f"{name}: crashes, hangs, floods", max(faults, fuzzed.returncode), "", at_most=0
        )
        replayed = _child(name, folder, runs, "replay")
        if replayed.returncode:
            print(replayed.stderr[-4000:], file=sys.stderr)
            yield Figure(f"{name}: replayed", 0, "", at_least=1)
            return
        told = json.loads(replayed.stdout)
        first, last = told["memory"][1], told["memory"][-1]
        yield Figure(f"{name}: growth of memory", last - first, "MiB", at_most=LEAK_MIB)
        yield Figure(f"{name}: slowest of {told['kept']} kept", told["slowest"], "s", at_most=1.0)


def _child(name: str, folder: Path, runs: int, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.fuzz.child", name, str(folder), str(runs)]
    return subprocess.run(
        [*command, str(TARGET_SECONDS), *more],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=2 * TARGET_SECONDS,
        check=False,
    )


def _keep(name: str, folder: Path, pattern: str) -> int:
    """Keep what found a fault, to be tried again; how many."""
    found = list(folder.glob(pattern))
    for file in found:
        KEPT.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, KEPT / f"{name}-{file.name}")
    return len(found)


def _api(cases: int) -> Iterator[Figure]:
    """All rounds; operations without parameters have few cases, so the number is met by asking."""
    asked = 0
    for number, each in enumerate(api.ROUNDS):
        missing = cases - asked
        outcome = api.run(each, max(1, missing // (len(api.ROUNDS) - number) // api.VARIED))
        asked += outcome.cases
        if outcome.failures:
            print(outcome.text, file=sys.stderr)
        yield Figure(
            f"{each.name}: failures in {outcome.cases} cases", outcome.failures, "", None, 0
        )
        yield Figure(f"{each.name}: crashes", float(outcome.crashed), "", None, 0)
        yield Figure(
            f"{each.name}: growth of the front", outcome.growth, "MiB", None, api.GROWTH_MIB
        )
    yield Figure("schemathesis cases", asked, "", at_least=cases)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz")
    parser.add_argument("names", nargs="*", choices=[*targets.NAMES, API, []], metavar="NAME")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
