"""A network namespace with a thread of its own inside: what the thread starts lives there."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

OPEN_SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    # coturn and Chromium run without privileges, on the ports that the profiles leave open.
    "net.ipv4.ip_unprivileged_port_start": "0",
}


class Namespace:
    """Made on entering, gone on leaving; ``hosts`` is what its ``/etc/hosts`` says."""

    def __init__(self, name: str, folder: Path) -> None:
        """``name``: unique on this machine; ``folder``: for the file that ``/etc/hosts`` is."""
        self.name = name
        self._hosts = folder / f"hosts-{name}"
        self._resolver = folder / f"resolv-{name}"
        self._cleanup = ExitStack()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._hosts.touch(mode=0o644)
            self._resolver.touch(mode=0o644)
            _run("ip", "netns", "add", self.name)
            undo.callback(_run, "ip", "netns", "delete", self.name)
            undo.callback(self._thread.shutdown)
            self.call(self._enter)
            self.ip("link set lo up")
            self.call(_run, "sysctl", "-qw", *(f"{k}={v}" for k, v in OPEN_SYSCTLS.items()))
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` inside and give what it returns; processes that it starts are inside too."""
        return self._thread.submit(work, *args, **kwargs).result()

    def ip(self, *commands: str) -> None:
        """Run commands of ``ip`` inside, such as ``link set lo up``."""
        _run("ip", "-n", self.name, "-batch", "-", text="\n".join(commands))

    def nft(self, rules: str) -> None:
        """Load rules into the packet filter."""
        self.call(_run, "nft", "-f", "-", text=rules)

    def resolve(self, *entries: tuple[str, str]) -> None:
        """Let names have addresses, ``(address, name)``, without a name server."""
        lines = ["127.0.0.1 localhost", *(" ".join(entry) for entry in entries)]
        self._hosts.write_text("\n".join(lines) + "\n")

    def ask(self, name_server: str) -> None:
        """Look names up there; before that no machine is asked."""
        self._resolver.write_text(f"nameserver {name_server}\n")

    def _enter(self) -> None:
        with Path("/run/netns", self.name).open() as namespace:
            _check(_libc.setns(namespace.fileno(), _CLONE_NEWNET))
        _check(_libc.unshare(_CLONE_NEWNS))
        _run("mount", "--make-rprivate", "/")
        _run("mount", "--bind", self._hosts, "/etc/hosts")
        _run("mount", "--bind", self._resolver, "/etc/resolv.conf")


def _check(code: int) -> None:
    if code:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _run(*command: str | Path, text: str | None = None) -> None:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr}")
