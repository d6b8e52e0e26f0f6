"""What a process holds: memory, threads, descriptors."""

from dataclasses import dataclass
from typing import Self

import psutil


@dataclass(frozen=True, slots=True)
class Holdings:
    """Of one process, at one moment."""

    rss: float
    """MiB."""
    threads: int
    descriptors: int

    @classmethod
    def of(cls, process: psutil.Process) -> Self:
        """What it holds now."""
        with process.oneshot():
            rss = process.memory_info().rss / 2**20
            return cls(rss, process.num_threads(), process.num_fds())


def growth(series: list[float]) -> float:
    """Per cent from the first third of a series to its last, by their medians."""
    third = -(-len(series) // 3)
    first, last = sorted(series[:third]), sorted(series[-third:])
    return 100.0 * (last[third // 2] / first[third // 2] - 1.0)
