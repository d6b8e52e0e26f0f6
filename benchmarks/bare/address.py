"""Serving on a free port of loopback and saying where."""

import asyncio

from aiohttp import web


async def serve(app: web.Application) -> None:
    """Serve until the process is ended; the address is the only line of output."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()
