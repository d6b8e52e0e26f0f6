"""Clients that ask for a stream and do not read it."""

import asyncio
from contextlib import ExitStack, suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from rtc_server.base.errors import Overloaded
from signaling.http import streams
from signaling.http.streams import MOST_OF_ONE, Streams

PART = "x" * 65_536


async def test_a_client_that_reads_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SEND_SECONDS", 0.3)
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        parts = 0
        try:
            while True:
                await streams.send(request, response, PART)
                parts += 1
        except ConnectionResetError:
            ended.set_result(parts)
        return response

    app = web.Application()
    app.router.add_get("/", endless)
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(20):
            assert await ended > 0  # as much as the sockets' buffers took
            with suppress(ConnectionResetError):  # or an end of what the sockets held
                while await reader.read(1 << 20):
                    pass
        writer.close()


async def test_one_session_has_so_many_streams_and_no_more() -> None:
    open_ones = Streams()
    with ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(open_ones.open("s-1"))
        with pytest.raises(Overloaded), open_ones.open("s-1"):
            pass
        with open_ones.open("s-2"), open_ones.open(), open_ones.open():
            pass
    with open_ones.open("s-1"):  # the others have left
        pass
