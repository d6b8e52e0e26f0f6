"""Reading what a client sends, without waiting for one that does not go on."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from signaling.http.errors import TooSlow

T = TypeVar("T")
BODY_SECONDS = 15.0
"""For a whole body: half a megabyte at a third of a megabit a second."""


async def in_time(reading: Awaitable[T]) -> T:
    """Wait for a body; raises :class:`TooSlow`."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await reading
    except TimeoutError:
        raise TooSlow from None
