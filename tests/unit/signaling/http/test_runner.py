"""Clients that hold a connection and do not say what they want."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from signaling.http.runner import Runner

PATIENCE = 0.4
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def quick_answer(_request: web.Request) -> web.Response:
    return web.Response(text="at once")


async def slow_answer(_request: web.Request) -> web.Response:
    await asyncio.sleep(2 * PATIENCE)
    return web.Response(text="done")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/", quick_answer)
    app.router.add_get("/slow", slow_answer)
    app.router.add_post("/", quick_answer)
    runner = Runner(app, head_seconds=PATIENCE)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def is_closed_after(self) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(10):
            with suppress(ConnectionResetError):
                assert await self.reader.read() == b""
        return loop.time() - began

    async def leave(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def answer(self) -> bytes:
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            return await self.reader.readexactly(length)


@pytest.fixture
async def client(port: int) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    yield client
    await client.leave()


async def test_one_that_sends_nothing_is_let_go(client: Client) -> None:
    assert await client.is_closed_after() >= PATIENCE / 2


async def test_one_that_dribbles_its_head_is_let_go(client: Client) -> None:

    async def dribble() -> None:
        for byte in REQUEST[:-2]:
            await client.send(bytes([byte]))
            await asyncio.sleep(PATIENCE / 10)

    dribbling = asyncio.ensure_future(dribble())
    took = await client.is_closed_after()
    assert PATIENCE / 2 <= took < PATIENCE / 10 * len(REQUEST) / 2
    dribbling.cancel()
    await asyncio.gather(dribbling, return_exceptions=True)


async def test_one_that_is_idle_between_requests_may_stay(client: Client) -> None:
    await client.send(REQUEST)
    assert await client.answer() == b"at once"
    await asyncio.sleep(3 * PATIENCE)
    await client.send(REQUEST)
    assert await client.answer() == b"at once"


async def test_a_second_head_has_its_own_deadline(client: Client) -> None:
    await client.send(REQUEST)
    await client.answer()
    await asyncio.sleep(2 * PATIENCE)
    await client.send(b"GET / HT")
    assert await client.is_closed_after() >= PATIENCE / 2


async def test_an_answer_may_take_its_time(client: Client) -> None:
    await client.send(REQUEST.replace(b"GET / ", b"GET /slow "))
    assert await client.answer() == b"done"


async def test_a_body_is_none_of_its_business(client: Client) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
    await client.send(head + b"a")
    assert await client.answer() == b"at once"
    await asyncio.sleep(1.5 * PATIENCE)
    await client.send(b"b" + REQUEST)
    assert await client.answer() == b"at once"
