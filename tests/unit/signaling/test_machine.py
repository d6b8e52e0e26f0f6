"""One worker a core, as far as the container lets it; one heap for all threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from signaling.machine import usable_cores

HEAPS = """
import ctypes, sys, threading
from signaling.machine import keep_one_heap
if sys.argv[1] == "one":
    keep_one_heap()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc.restype = ctypes.c_void_p
barrier = threading.Barrier(4)
def work():
    barrier.wait()  # all at once: each would get a heap of its own
    for _ in range(100):
        libc.malloc(ctypes.c_size_t(10_000))
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
file = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.parametrize("text", ["max 100000\n", "6400000 100000\n", "?\n", None])
def test_without_a_tighter_quota_all_cores_count(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "cpu.max").write_text(text)
    assert usable_cores(tmp_path) == min(64, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("text", ["50000 100000\n", "100000 100000\n"])
def test_a_quota_counts_and_half_a_core_is_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert usable_cores(tmp_path) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_all_threads_share_one_heap(tmp_path: Path) -> None:
    def heaps(how: str) -> int:
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", HEAPS, how, str(told)], check=True)
        return told.read_text().count("<heap nr=")

    assert heaps("one") == 1
    assert heaps("many") > 1
