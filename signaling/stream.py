"""Answers that go on: each part is taken in time, or the client is let go."""

import asyncio

from aiohttp import web

SEND_SECONDS = 30.0
"""For a part to leave: a client that reads nothing would keep its connection for ever."""


async def send(request: web.Request, response: web.StreamResponse, text: str) -> None:
    """Send a part; raises ``ConnectionResetError`` when the client is gone, or does not read."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await response.write(text.encode())
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None
