"""The service itself, as a person starts it: a process of its own with settings of its own."""

import json
import os
import select
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

import psutil

from tests.eventually import until

ROOT = Path(__file__).parents[2]
ANNOUNCEMENT = "Eye tracking on "
START_SECONDS = 40.0
"""On a busy machine, loading the models included."""


class ServiceProcess:
    """``python -m signaling`` on a free port of loopback, in a folder of its own.

    Its database stays in the folder when it ends, so the next one finds what this one left.
    """

    def __init__(self, folder: Path, *, through: Sequence[str] = (), **settings: str) -> None:
        """``settings``: by their names in ``.env.example``, in any case.

        ``through``: a program that starts it, as ``prlimit``.
        """
        self.folder = folder
        self._through = through
        self.url = ""
        self.settings = {
            "HOST": "127.0.0.1",
            "PORT": "0",
            "ICE_ADDRESSES": "127.0.0.1",
            "MEDIA_WORKERS": "1",
            "WEB_ROOT": str(ROOT / "web" / "dist"),
            "DATABASE_URL": f"sqlite:///{folder / 'sessions.db'}",
            **{name.upper(): value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[str] | None = None
        self._family: list[psutil.Process] = []
        self._log = folder / "service.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def log(self) -> str:
        """Everything that it and the ones before it in this folder wrote to standard error."""
        return self._log.read_text(errors="replace")

    def start(self, *, ready: bool = True) -> None:
        """Start it and wait until it takes sessions, or only until it listens."""
        with self._log.open("a") as log:
            self._process = _spawn(self.settings, self.folder, log, self._through)
        try:
            self.url = self._announced(time.monotonic() + START_SECONDS)
            if ready:
                until(self.ready, START_SECONDS, "the service takes sessions")
        except BaseException:
            self.stop()
            raise

    def ready(self) -> bool:
        """Whether it takes sessions now."""
        try:
            return self.get("/readyz")["ready"] is True
        except OSError:
            return False

    def get(self, path: str) -> dict[str, Any]:
        """The JSON at ``path``, whatever certificate the service shows."""
        body: dict[str, Any] = json.loads(self.text(path))
        return body

    def text(self, path: str) -> str:
        """What is at ``path``."""
        context = ssl._create_unverified_context() if self.url.startswith("https") else None
        with urllib.request.urlopen(self.url + path, timeout=5, context=context) as answer:
            found: bytes = answer.read()
            return found.decode()

    def process(self) -> psutil.Process:
        """The front process."""
        return psutil.Process(self.pid)

    def workers(self) -> list[psutil.Process]:
        """Its media workers that run, oldest first."""
        return [child for child in psutil.Process(self.pid).children() if _is_worker(child)]

    def end(self, how: signal.Signals = signal.SIGTERM, seconds: float = 30.0) -> int:
        """Send a signal to the front process alone; its exit code. Workers are their own care."""
        process = self._running
        self._family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(how)
        return process.wait(seconds)

    def crash(self) -> None:
        """SIGKILL it and its workers, as when the machine loses its power."""
        process, self._process = self._running, None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def orphans(self) -> list[psutil.Process]:
        """Children of the process that :meth:`end` ended, which still run."""
        return [child for child in self._family if runs(child)]

    def stop(self) -> None:
        """End it and all that it started, whatever state they are in."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: nobody else is in it
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

    @property
    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the service was not started")
        return self._process

    def _announced(self, deadline: float) -> str:
        process = self._running
        assert process.stdout is not None
        while select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            line = process.stdout.readline()
            if line.startswith(ANNOUNCEMENT):
                return line.removeprefix(ANNOUNCEMENT).strip()
            if not line:
                break
        raise RuntimeError(f"the service did not start:\n{self.log}")


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "rtc_server.worker.main" in process.cmdline()
    except psutil.NoSuchProcess:  # or a zombie, which is one of them
        return False


def runs(process: psutil.Process) -> bool:
    """Whether it has not ended; one that nobody has waited for yet has."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def run_to_its_end(folder: Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Start the service with settings that it ends with by itself."""
    return subprocess.run(
        [sys.executable, "-m", "signaling"],
        cwd=folder,
        env=_environment(settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def _spawn(
    settings: Mapping[str, str], folder: Path, log: IO[str], through: Sequence[str]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*through, sys.executable, "-m", "signaling"],
        cwd=folder,
        env=_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of ours but the path: what the developer has set is not what is tested."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings}
