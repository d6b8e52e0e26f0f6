"""What ended sessions leave behind, cleared away; on the worker's loop."""

import asyncio
import gc

DELAY = 10.0
"""Seconds after a session's end; the sessions that end meanwhile are cleared away with it."""


class GcAfterEnd:
    """Has the garbage collector look at everything, soon after sessions ended.

    A closed connection is thousands of objects that hold each other. Those of a session of minutes
    are in the collector's oldest generation, which it looks at after some two thousand sessions:
    by then a worker would hold a gigabyte of them.
    """

    def __init__(self, delay: float = DELAY) -> None:
        """``delay``: seconds from a session's end."""
        self._delay = delay
        self._due: asyncio.TimerHandle | None = None

    def expect(self) -> None:
        """A session has ended."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(self._delay, self._clear)

    def _clear(self) -> None:
        self._due = None
        gc.collect()
