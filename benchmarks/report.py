"""What every benchmark prints: a table for people and, when asked, one JSON line for programs."""

import json
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.figure import Figure

VECTOR_UNITS = ("avx512f", "avx2", "avx", "sse4_2", "sve", "asimd")
"""As ``/proc/cpuinfo`` calls them, the widest first."""


def report(figures: Sequence[Figure], *, as_json: bool) -> int:
    """Print ``figures``; the exit code, 1 when one misses what it is to reach."""
    for figure in figures:
        print(_row(figure))
    if as_json:
        results = [figure.as_json() for figure in figures]
        print(json.dumps({"machine": machine(), "results": results}))
    return 0 if all(figure.ok for figure in figures) else 1


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{platform.platform()}, {processor()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {busy}"
    )


def processor() -> str:
    """The processor and the widest vector unit that Linux knows of: models run as fast as these."""
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    fields: dict[str, str] = dict(
        re.findall(r"^([^\t\n]+)\t*: (.*)$", told.split("\n\n", 1)[0], re.MULTILINE)
    )
    flags = fields.get("flags", fields.get("Features", "")).split()
    unit = next((unit for unit in VECTOR_UNITS if unit in flags), "no known vector unit")
    return f"{fields.get('model name', platform.machine())} ({unit})"


def _row(figure: Figure) -> str:
    interval = "" if figure.low is None else f"[{figure.low:.3f}, {figure.high:.3f}]"
    mark = "MISS" if not figure.ok else "ok  " if figure.judged else "    "
    value = f"{figure.value:10.3f} {figure.unit:8} {figure.to_reach:9}"
    return f"{mark} {figure.name:56} {value} {interval}".rstrip()
