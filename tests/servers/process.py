"""A server process that a test starts, as nobody, and stops by its own process group."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from tests.eventually import NeverCame, until

_ROOT = os.geteuid() == 0
USER = "nobody" if _ROOT else None
GROUP = "nogroup" if _ROOT else None
"""For ``Popen``: the servers refuse to run as root."""


def private_folder(prefix: str) -> Path:
    """A short temporary path (a Unix socket's must be) that the unprivileged user owns."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    give_away(folder)
    return folder


def give_away(path: Path) -> None:
    """Let the unprivileged user own ``path``."""
    if USER is not None:
        shutil.chown(path, USER, GROUP)


class ServerProcess:
    """Runs ``command`` until it says that it is ready, and keeps what else it says."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        ready: str,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        unprivileged: bool = True,
    ) -> None:
        """``unprivileged``: as nobody, which programs in a home of ours cannot be run as."""
        self._unprivileged = unprivileged
        self._command = [str(word) for word in command]
        self._ready = ready
        self._cwd = cwd
        self._environment = {"PATH": os.environ["PATH"], **(environment or {})}
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.output: deque[str] = deque(maxlen=500)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = 30.0) -> None:
        process = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            user=USER if self._unprivileged else None,
            group=GROUP if self._unprivileged else None,
        )
        ready = threading.Event()
        self._process = process
        self._reader = threading.Thread(target=self._read, args=(process.stdout, ready))
        self._reader.start()
        if not ready.wait(seconds) or process.poll() is not None:
            self.stop()
            raise RuntimeError(f"{self._command[0]} did not start:\n{self.text}")

    @property
    def text(self) -> str:
        return "".join(self.output)

    def says(self, text: str, seconds: float = 10.0) -> bool:
        """Whether the process says ``text``: what it has written may still be on its way here."""
        try:
            return until(lambda: text in self.text, seconds, text)
        except NeverCame:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 20.0) -> None:
        """End the process and its children; does nothing when it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        self._signal(process, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        self._signal(process, signal.SIGKILL)  # whatever of the group is left
        process.wait()
        if self._reader is not None:
            self._reader.join()
        if process.stdout is not None:
            process.stdout.close()

    def send_signal(self, how: signal.Signals) -> None:
        """Send a signal to the process and its children."""
        if self._process is not None:
            self._signal(self._process, how)

    def _read(self, stream: IO[str], ready: threading.Event) -> None:
        for line in stream:
            self.output.append(line)
            if self._ready in line:
                ready.set()
        ready.set()  # it has ended, and start() finds out

    @staticmethod
    def _signal(process: subprocess.Popen[str], how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
