"""What some processes write to the file system, be it for a moment."""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from inotify_simple import INotify, flags

PAUSE_MS = 10
WRITTEN = flags.CREATE | flags.MODIFY | flags.CLOSE_WRITE | flags.MOVED_TO


class FileWatch:
    """Sees every change in some folders, and which files the processes hold open for writing.

    The folders are told by the kernel, so no file is too short-lived; elsewhere a file is seen
    while it is open, a deleted one too. Folders that are made meanwhile are seen as files.
    """

    def __init__(self, folders: Sequence[Path], pids: Sequence[int]) -> None:
        self.written: set[str] = set()
        """Paths."""
        self._pids = pids
        self._inotify = INotify()
        self._folders = {self._inotify.add_watch(folder, WRITTEN): folder for folder in folders}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="file watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._inotify.close()

    def _look(self) -> None:
        while True:
            last = self._done.is_set()
            for event in self._inotify.read(timeout=PAUSE_MS):
                self.written.add(str(self._folders[event.wd] / event.name))
            for pid in self._pids:
                self.written |= _open_for_writing(pid)
            if last:
                return


def _open_for_writing(pid: int) -> set[str]:
    """Paths of the regular files that a process may write to."""
    found = set()
    with suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - names are all it takes
            with suppress(OSError):
                path = os.readlink(f"/proc/{pid}/fd/{number}")  # noqa: PTH115 - not a path of ours
                is_file = path.startswith("/") and not path.startswith(("/dev/", "/proc/"))
                if is_file and _is_writable(pid, number):
                    found.add(path)
    return found


def _is_writable(pid: int, number: str) -> bool:
    info = Path(f"/proc/{pid}/fdinfo/{number}").read_text()
    mode = int(info.partition("flags:")[2].split()[0], 8)
    return mode & os.O_ACCMODE != os.O_RDONLY
