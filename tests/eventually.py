"""Waiting for what other processes do, where there is no event to await."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
INTERVAL = 0.02


class NeverCame(AssertionError):
    """What was waited for did not come true in time."""


def until(probe: Callable[[], T], seconds: float, what: str) -> T:
    """Ask until the answer is true, and return it; raises :class:`NeverCame`."""
    deadline = time.monotonic() + seconds
    while not (answer := probe()):
        if time.monotonic() > deadline:
            raise NeverCame(f"not within {seconds:g} s: {what}")
        time.sleep(INTERVAL)
    return answer


async def eventually(probe: Callable[[], T], seconds: float, what: str) -> T:
    """:func:`until`, with the probe in a thread so that the event loop goes on."""
    return await asyncio.to_thread(until, probe, seconds, what)
