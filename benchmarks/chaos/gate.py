"""What stands between the service and PHP, and breaks as it is told: HTTP/1.1, one request each."""

import asyncio
import json
from enum import Enum
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from rtc_server.base.aio import TaskSet

PARKED = b"<!doctype html><html><body><h1>This domain is parked</h1></body></html>"
REFUSED = json.dumps({"success": False, "message": "Database error"}).encode()
BROKEN = b"<br />\n<b>Fatal error</b>: Uncaught Exception in save.php on line 7"


class Fault(Enum):
    """What becomes of a POST."""

    NONE = "passes"
    REFUSED = "200 success: false"
    SERVER_ERROR = "500"
    GARBAGE = "garbage"
    CUT = "dropped after the commit"


ANSWERS = {
    Fault.REFUSED: (200, REFUSED, "application/json"),
    Fault.SERVER_ERROR: (500, BROKEN, "text/html"),
    Fault.GARBAGE: (200, PARKED, "text/html"),
}


class Gate:
    """Hands requests on to the server of ``url``; ``fault`` says what happens to POSTs."""

    def __init__(self, url: str) -> None:
        """The requests of all paths go to the same server."""
        self._target = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._serving = TaskSet()
        self.fault = Fault.NONE
        self.hits = 0
        """POSTs that met a fault."""

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take no further connection."""
        self.shut()
        await self._serving.close()

    async def open(self) -> None:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Refuse connections, as a machine does on which nothing listens."""
        if self._server is not None:
            self._server.close()

    def url(self, endpoint: str) -> str:
        """Where to reach ``endpoint`` through the gate."""
        return urlunsplit(urlsplit(endpoint)._replace(netloc=f"127.0.0.1:{self._port}"))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.start(self._handle(reader, writer), "a request at the gate")

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._exchange(await _request(reader))
        except (OSError, asyncio.IncompleteReadError):
            answer = None
        if answer is None:
            writer.transport.abort()
            return
        writer.write(answer)
        writer.close()

    async def _exchange(self, request: bytes) -> bytes | None:
        fault = self.fault if request.startswith(b"POST") else Fault.NONE
        self.hits += fault is not Fault.NONE
        return await self._answer(request, fault)

    async def _answer(self, request: bytes, fault: Fault) -> bytes | None:
        if fault in ANSWERS:
            return _response(*ANSWERS[fault])
        answer = await self._ask(request)
        return None if fault is Fault.CUT else answer

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        try:
            writer.write(request)
            return await reader.read()  # PHP's server closes after each answer
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return head + await reader.readexactly(sum(lengths))


def _response(status: int, body: bytes, kind: str) -> bytes:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
