"""Ports for servers that cannot say which one they got: nobody else takes them meanwhile.

They lie below those that the system gives away for port 0 and for connections, and are leased
between the processes of the tests by a lock on a file each, which ends with its process.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 15_000, 29_999
_FOLDER = Path(tempfile.gettempdir()) / f"test-ports-{os.getuid()}"
_held: list[int] = []
"""Descriptors of the locks: open until this process ends."""


def lease(address: str = "127.0.0.1") -> int:
    """A port of ``address`` that is free for TCP and UDP, and is this process's until it ends."""
    _FOLDER.mkdir(exist_ok=True)
    for port in random.sample(range(FIRST, LAST + 1), LAST - FIRST + 1):
        if _locked(port):
            if _is_free(address, port):
                return port
            os.close(_held.pop())
    raise RuntimeError("no port is free")


def _locked(port: int) -> bool:
    descriptor = os.open(_FOLDER / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _held.append(descriptor)
    return True


def _is_free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
