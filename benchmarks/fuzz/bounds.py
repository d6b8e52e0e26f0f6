"""What one input may cost: CPU of the loop's thread, and memory beyond the picture itself."""

import os
from collections.abc import Callable

from rtc_server.ipc.memory import resident
from rtc_server.peer.loop_share import LONGEST_CALL, loop_cpu

MEMORY_BYTES = 8 * 1024 * 1024
TRIES = 3
"""So often an input that took too long is tried: machine and interpreter have their moments."""


def hold(work: Callable[[], None], picture_bytes: int = 0) -> None:
    """Do ``work`` and assert that it keeps to the bounds; the same again when it took too long."""
    before = resident(os.getpid())
    spent: list[float] = []
    while len(spent) < TRIES and (not spent or spent[-1] > LONGEST_CALL):
        began = loop_cpu()
        work()
        spent.append(loop_cpu() - began)
    assert min(spent) <= LONGEST_CALL, f"{1e3 * min(spent):.0f} ms of CPU"
    grown = resident(os.getpid()) - before
    assert grown <= MEMORY_BYTES + picture_bytes, f"{grown >> 20} MiB"
