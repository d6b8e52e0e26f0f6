"""Processes of a run: started on a core of their own, watched for what they use."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psutil

LINE_SECONDS = 60.0
MIB = 1024 * 1024


class Child:
    """A Python module as a process, spoken to in lines."""

    def __init__(
        self, module: str, arguments: Sequence[object], core: int, python: Path | None = None
    ) -> None:
        """``core``: the one it runs on; ``python``: another interpreter than this one."""
        self._process = subprocess.Popen(
            [
                "taskset",
                "--cpu-list",
                str(core),
                str(python or sys.executable),
                "-m",
                module,
                *map(str, arguments),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "GLOG_minloglevel": "2", "OPENBLAS_NUM_THREADS": "1"},
        )
        self.usage = Usage(psutil.Process(self._process.pid))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._process.kill()
        self._process.communicate()

    def line(self) -> str:
        """Wait for its next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a process of the benchmark ended too early")
        return line.strip()

    def json(self) -> Any:  # noqa: ANN401
        """Its next line as JSON."""
        return json.loads(self.line())

    def tell(self, line: str) -> None:
        """Give it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        self._process.wait(LINE_SECONDS)


class Usage:
    """CPU time and memory of a process."""

    def __init__(self, process: psutil.Process) -> None:
        """Start counting."""
        self._process = process
        self.reset()

    def reset(self) -> None:
        """Count from now on."""
        self._since = time.monotonic()
        self._spent = self._cpu()

    def cpu(self) -> float:
        """CPU seconds a second since the count began."""
        return (self._cpu() - self._spent) / (time.monotonic() - self._since)

    def rss(self) -> float:
        """MiB that it holds."""
        return float(self._process.memory_info().rss) / MIB

    def pin(self, core: int) -> None:
        """Keep all its threads, and those to come, on one core."""
        for thread in self._process.threads():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(thread.id, {core})

    def _cpu(self) -> float:
        return float(sum(self._process.cpu_times()[:2]))
