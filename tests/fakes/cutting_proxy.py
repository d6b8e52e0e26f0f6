"""A TCP proxy that hands the request on and, when told to, keeps the answer to itself."""

import asyncio
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class CuttingProxy:
    """Stands before the server of ``url``; the next ``cuts`` answers are dropped."""

    def __init__(self, url: str, cuts: int = 0) -> None:
        self._target = urlsplit(url)
        self._server: asyncio.Server | None = None
        self.cuts = cuts

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return urlunsplit(self._target._replace(netloc=f"127.0.0.1:{port}"))

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _request(reader)
        answer = await self._ask(request)
        if request.startswith(b"POST") and self.cuts:
            self.cuts -= 1
            writer.transport.abort()
            return
        writer.write(answer)
        writer.close()

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        writer.write(request)
        answer = await reader.read()  # PHP's server closes after each answer
        writer.close()
        return answer


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return head + await reader.readexactly(sum(lengths))
