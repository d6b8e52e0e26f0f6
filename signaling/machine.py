"""The machine below: the cores that this process may use, and the C library's memory."""

import ctypes
import math
import os
import sys
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
M_ARENA_MAX = -8
"""``mallopt``'s name for it (malloc.h of glibc)."""


def usable_cores(cgroup: Path = CGROUP) -> int:
    """Cores that it may run on, and no more than its container's quota pays for; at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _quota(cgroup)))


def _quota(cgroup: Path) -> int:
    """Whole cores of the CPU quota (cgroup v2, ``cpu.max``); huge where there is none."""
    try:
        quota, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return sys.maxsize
    return sys.maxsize if quota == "max" else math.ceil(int(quota) / int(period))


def keep_one_heap() -> None:
    """Have glibc serve all threads from one heap; call before threads start. Elsewhere nothing.

    With a heap a thread, each keeps the holes that pictures and rows leave in it: the front
    process grew by 0.16 MiB a minute for as long as it was watched, with one heap it does not.
    Workers are started with ``MALLOC_ARENA_MAX``.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
