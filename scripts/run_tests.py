#!/usr/bin/env python3
"""Every check and every test, group by group: all run, whatever fails, and a table tells how.

``make test`` runs it; ``make test GROUP=php`` (or ``GROUP="php unit"``) runs some of the groups.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TOGETHER = 3
"""Test files at once of the groups that mostly wait for servers, browsers and timers."""
CHECKS: Mapping[str, tuple[str, ...]] = {
    "format": (f"{BIN}/ruff", "format", "--check", "--quiet", "."),
    "style": (f"{BIN}/ruff", "check", "--quiet", "."),
    "types": (f"{BIN}/mypy",),
    "contracts": (f"{BIN}/lint-imports", "--no-logo"),
    "web check": ("npm", "--prefix", "web", "run", "--silent", "check"),
}
WAITING = ("store", "php", "loopback", "process", "faults", "browser")
"""Folders of ``tests/`` whose tests drive real parts; one file of them never runs beside itself."""
ALONE = ("network", "chaos")
"""Those that measure how fast something happens, one after the other."""
GROUPS = ("checks", "web", "unit", *WAITING, *ALONE)


@dataclass
class Result:
    """What came of one group."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    """Of its tests, added up: those of several processes may pass at the same time."""


@dataclass
class Report:
    """What came of all of them, as they end."""

    groups: dict[str, Result] = field(default_factory=dict)

    def of(self, group: str) -> Result:
        """The result of ``group``, made when it is first asked for."""
        return self.groups.setdefault(group, Result())

    def table(self) -> str:
        """A line for each group."""
        rows = [f"{'group':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
        rows += [
            f"{name:<12}{each.passed:>8}{each.failed:>8}{each.skipped:>9}{each.seconds:>9.0f}"
            for name, each in self.groups.items()
        ]
        return "\n".join(rows)

    def sums(self) -> str:
        """The closing line."""
        results = self.groups.values()
        passed, failed, skipped = (
            sum(getattr(each, name) for each in results) for name in ("passed", "failed", "skipped")
        )
        return f"{passed} passed, {failed} failed, {skipped} skipped"

    @property
    def ok(self) -> bool:
        """Whether nothing failed and something passed."""
        return all(not each.failed for each in self.groups.values()) and bool(self.groups)


def run_checks(report: Report) -> None:
    """The static checks beside each other; what one of them finds is printed in one piece."""

    def check(command: Iterable[str]) -> tuple[int, str, float]:
        began = time.monotonic()
        done = subprocess.run(
            list(command), cwd=ROOT, text=True, capture_output=True, check=False, env=_with_node()
        )
        return done.returncode, done.stdout + done.stderr, time.monotonic() - began

    result = report.of("checks")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (code, said, seconds) in zip(
            CHECKS, pool.map(check, CHECKS.values()), strict=True
        ):
            result.seconds += seconds
            if code:
                result.failed += 1
                print(f"check failed: {name}\n{said}", flush=True)
            else:
                result.passed += 1


def run_web(report: Report) -> None:
    """The browser library's own tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "web.xml"
        code = _run(
            [
                *("npm", "--prefix", "web", "test", "--"),
                *("--reporter=default", "--reporter=junit", f"--outputFile.junit={file}"),
            ]
        )
        _read(file, code, ["web"], report)


def run_pytest(groups: list[str], processes: int, distribution: str, report: Report) -> None:
    """Some folders of ``tests/`` in one run."""
    folders = [f"tests/{group}" for group in groups if (ROOT / "tests" / group).is_dir()]
    if not folders:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pytest.xml"
        workers = (
            [f"--numprocesses={processes}", f"--dist={distribution}", "--no-loadscope-reorder"]
            if processes > 1
            else []
        )
        code = _run(
            [
                *(str(BIN / "pytest"), "--quiet", *workers),
                *("--durations=8", f"--junitxml={file}", *folders),
            ]
        )
        _read(file, code, groups, report)


def _run(command: list[str]) -> int:
    print(
        "+", " ".join(command[:1] + [word for word in command[1:] if "xml" not in word]), flush=True
    )
    return subprocess.run(command, cwd=ROOT, check=False, env=_with_node()).returncode


def _with_node() -> dict[str, str]:
    """The environment, with a Node.js that is new enough on its path."""
    node = subprocess.run(
        [ROOT / "scripts" / "node.sh", BIN.parent], text=True, stdout=subprocess.PIPE, check=True
    ).stdout.strip()
    return {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}


def _read(file: Path, code: int, groups: list[str], report: Report) -> None:
    """Count what a run has written; a run that failed without a failed test is one."""
    counted = Report()
    cases = ET.parse(file).iter("testcase") if file.exists() else ()  # noqa: S314 - our own tools wrote it
    for case in cases:
        names = (case.get("classname") or "").split(".")
        result = counted.of(names[1] if names[0] == "tests" and len(names) > 1 else groups[0])
        result.seconds += float(case.get("time") or 0)
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            result.failed += 1
        elif "skipped" in outcomes:
            result.skipped += 1
        else:
            result.passed += 1
    if code and counted.ok:
        counted.of(groups[0]).failed += 1
    if not counted.groups:
        counted.of(groups[0]).failed += 1
    report.groups.update(counted.groups)


def main(chosen: list[str]) -> int:
    """Run ``chosen`` groups, or all; 0 when nothing failed."""
    unknown = [name for name in chosen if name not in GROUPS]
    if unknown:
        print(f"No group {', '.join(unknown)}. Groups: {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    wanted = chosen or list(GROUPS)
    report, began = Report(), time.monotonic()
    if "checks" in wanted:
        run_checks(report)
    if "web" in wanted:
        run_web(report)
    if "unit" in wanted:
        run_pytest(["unit"], os.cpu_count() or 1, "load", report)
    waiting = [group for group in WAITING if group in wanted]
    if waiting:
        run_pytest(waiting, TOGETHER, "loadfile", report)
    for group in ALONE:
        if group in wanted:
            run_pytest([group], 1, "no", report)
    print(
        f"\n{report.table()}\nThe whole took {time.monotonic() - began:.0f} s.\n\n{report.sums()}"
    )
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
