"""A Ray cluster of several machines, each a set of processes on loopback that a test may lose."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

from tests.servers.service import ROOT, runs

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Without it a machine of 127.0.0.1 takes this host's address in its real network.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "ICE_ADDRESSES": "127.0.0.1",
}
"""Of every process of the cluster, and of those that use it."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster."""

    name: str
    """Its id, in hexadecimal."""
    raylet: psutil.Process

    def is_there(self) -> bool:
        """Whether the machine still belongs to the cluster."""
        return runs(self.raylet)

    def processes(self) -> list[psutil.Process]:
        """All that run on it: its daemon and what that has started."""
        return [self.raylet, *self.raylet.children(recursive=True)]

    def hosts(self, worker: str) -> bool:
        """Whether the worker of this name, as the store has it, runs here."""
        return self.name.startswith(worker.partition("-")[0])

    def object_store_holds(self, content: bytes) -> bool:
        """Whether ``content`` is, or was lately, in the shared memory of Ray's object store."""
        maps = self.raylet.memory_maps(grouped=False)
        stores = [each for each in maps if "plasma" in each.path]
        assert stores, "the object store is not found"
        with Path(f"/proc/{self.raylet.pid}/mem").open("rb") as memory:
            for store in stores:
                begin, end = (int(side, 16) for side in store.addr.split("-"))
                memory.seek(begin)
                if content in memory.read(end - begin):
                    return True
        return False

    def fail(self) -> None:
        """Lose it, as when its power fails."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def fall_silent(self) -> None:
        """Stop everything on it: connections stay open, and nobody answers."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.suspend()


class RayCluster:
    """A head without workers, and as many machines as are added."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # sockets want it short
        self.address = ""
        self._host: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            with (self.folder / "nodes.log").open("w") as log:
                self._host = subprocess.Popen(
                    [sys.executable, "-m", "tests.servers.ray_nodes"],
                    cwd=ROOT,
                    env={
                        "PATH": os.environ["PATH"],
                        "PYTHONPATH": str(ROOT),
                        "RAY_TMPDIR": str(self.folder),
                        **ENVIRONMENT,
                    },
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
            self.address = self._heard()["address"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        for process in psutil.Process(host.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        host.kill()
        host.wait()
        for pipe in (host.stdin, host.stdout):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """What the machines' processes wrote to standard error, and the workers on them."""
        logs = [self.folder / "nodes.log", *self.folder.glob("ray/session_2*/logs/worker-*.err")]
        return "\n".join(path.read_text(errors="replace") for path in logs)

    def settings(self) -> dict[str, str]:
        """What a service needs to use this cluster."""
        return {
            "PLACEMENT": "ray",
            "RAY_ADDRESS": self.address,
            "RAY_TMPDIR": str(self.folder),
            **ENVIRONMENT,
        }

    def add(self, slots: int = 1) -> Node:
        """Another machine, with room for so many workers."""
        assert self._host is not None
        assert self._host.stdin is not None
        print(json.dumps({"add": slots}), file=self._host.stdin, flush=True)
        told = self._heard()
        return Node(told["node"], psutil.Process(told["raylet"]))

    def drain(self, node: Node) -> None:
        """Ask for a machine to become empty, as an operator does."""
        command = [str(Path(sys.executable).with_name("ray")), "drain-node"]
        command += ["--address", self.address, "--node-id", node.name]
        command += ["--reason", "DRAIN_NODE_REASON_PREEMPTION", "--reason-message", "a test"]
        command += ["--deadline-remaining-seconds", "60"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ENVIRONMENT})

    def _heard(self) -> dict[str, Any]:
        assert self._host is not None
        assert self._host.stdout is not None
        line = self._host.stdout.readline()
        if not line:
            raise RuntimeError(f"the cluster did not start:\n{self.log}")
        body: dict[str, Any] = json.loads(line)
        return body
