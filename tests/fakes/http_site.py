"""A site that answers as it is told, byte by byte, over real HTTP on loopback."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    method: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes


def answers(
    status: int = 200,
    body: object = None,
    headers: dict[str, str] | None = None,
    raw: bytes | None = None,
) -> Behaviour:
    """An answer with ``body`` as JSON, or ``raw`` bytes."""
    content = json.dumps(body).encode() if raw is None else raw
    fields = {"Content-Length": str(len(content)), "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content)
        await writer.drain()

    return behave


async def drops(writer: asyncio.StreamWriter) -> None:
    """The request was read; the connection ends without an answer."""
    writer.transport.abort()


async def hangs(writer: asyncio.StreamWriter) -> None:
    """The request was read; nothing follows until the client goes away."""
    await writer.wait_closed()


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    """Half an answer."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"success": tr')
    await writer.drain()
    writer.close()


async def drips(writer: asyncio.StreamWriter) -> None:
    """One byte at a time, for ever: no single read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


SUCCESS = answers(body={"success": True, "message": "saved", "record_id": 1})


class HttpSite:
    """Each request gets the next of ``behaviours``; the last one stays."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours = list(behaviours or (SUCCESS,))
        self.requests: list[Request] = []
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/save.php"

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            self._handlers.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        named = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(named.get("content-length", "0")))
        self.requests.append(Request(head[0].split(" ")[0], named, body))
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        await behaviour(writer)
