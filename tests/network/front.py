"""What stands before the service: ``python -m tests.network.front KIND CERT KEY``, on port 443.

``tunnel`` ends TLS and passes every byte on. ``plain`` is an HTTP proxy of the kind that knows
nothing of WebSockets: it drops what RFC 9110 (7.6.1) calls hop-by-hop, ``Upgrade`` with it.
``forward PORT HOST TO`` is a TCP proxy of whatever passes, as Railway has one.
"""

import asyncio
import ssl
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from tests.servers.process import ServerProcess

ROOT = Path(__file__).parents[2]
BEHIND = ("127.0.0.1", 8080)
READY = "front is ready"
_CHUNK = 65536
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

Serve = Callable[[ssl.SSLContext], Awaitable[None]]


async def tunnel(context: ssl.SSLContext) -> None:
    """Pass bytes on, both ways."""
    server = await asyncio.start_server(partial(_join, BEHIND), None, 443, ssl=context)
    _say_ready()
    await server.serve_forever()


async def plain(context: ssl.SSLContext) -> None:
    """Pass requests on, one by one, and answers as they come."""
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", _Forward(http).handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, None, 443, ssl_context=context).start()
        _say_ready()
        await asyncio.Event().wait()


class _Forward:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def handle(self, request: web.Request) -> web.StreamResponse:
        url = f"http://{BEHIND[0]}:{BEHIND[1]}{request.path_qs}"
        headers = _end_to_end(request.headers.items())
        body = await request.read()
        async with self._http.request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            response = web.StreamResponse(
                status=answer.status, headers=_end_to_end(answer.headers.items())
            )
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            return response


def _end_to_end(headers: object) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = list(headers)  # type: ignore[call-overload]
    return [(name, value) for name, value in pairs if name.lower() not in _HOP_BY_HOP]


async def forward(port: int, host: str, to: int) -> None:
    """Be a TCP proxy: pass bytes on, whatever they are."""
    server = await asyncio.start_server(partial(_join, (host, to)), None, port)
    _say_ready()
    await server.serve_forever()


async def _join(
    behind: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    behind_reader, behind_writer = await asyncio.open_connection(*behind)
    with suppress(ConnectionError, ssl.SSLError):
        await asyncio.gather(_pump(reader, behind_writer), _pump(behind_reader, writer))
    writer.close()
    behind_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.close()


def _say_ready() -> None:
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()


class FrontProcess:
    """A process of this module, once it is entered."""

    def __init__(self, kind: str, *words: str | Path) -> None:
        """``kind`` and what it takes: see the module."""
        self._process = ServerProcess(
            [sys.executable, "-m", "tests.network.front", kind, *words],
            ready=READY,
            cwd=ROOT,
            environment={"PYTHONPATH": str(ROOT)},
            unprivileged=False,
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()


def main(kind: str, *words: str) -> None:
    """Serve until the process is ended."""
    if kind == "forward":
        port, host, to = words
        asyncio.run(forward(int(port), host, int(to)))
        return
    certificate, key = words
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    asyncio.run({"tunnel": tunnel, "plain": plain}[kind](context))


if __name__ == "__main__":
    main(*sys.argv[1:])
