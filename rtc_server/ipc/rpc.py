"""Calls between the front process and a media worker, over one socket pair.

A message is a length, a JSON head and an optional binary body. Both sides may call;
an answer finds its call by number. The other side's end closes everything: open calls fail
with :class:`WorkerLost`.
"""

import asyncio
import contextlib
import itertools
import json
import struct
from collections.abc import Mapping

from rtc_server.base import errors
from rtc_server.base.aio import TaskSet
from rtc_server.ipc.call import Body, Handler, answer, result

_LENGTHS = struct.Struct("!II")
MAX_HEAD = 4 * 1024 * 1024
MAX_PAYLOAD = 64 * 1024 * 1024


class Rpc:
    """One side of the socket pair."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handlers: Mapping[str, Handler],
    ) -> None:
        """Serve ``handlers`` by method name once :meth:`run` is awaited."""
        self._reader = reader
        self._writer = writer
        self._handlers = handlers
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[Body]] = {}
        self._tasks = TaskSet()

    async def call(self, method: str, body: Body | None = None, payload: bytes = b"") -> Body:
        """Ask the other side and wait for its answer; raises what its handler raised."""
        number = next(self._numbers)
        waiting: asyncio.Future[Body] = asyncio.get_running_loop().create_future()
        self._open[number] = waiting
        try:
            self._send({"call": number, "method": method, "body": body or {}}, payload)
            return await waiting
        finally:
            del self._open[number]

    def notify(self, method: str, body: Body | None = None, payload: bytes = b"") -> None:
        """Tell the other side, without an answer; lost when it is gone."""
        with contextlib.suppress(errors.WorkerLost):
            self._send({"call": 0, "method": method, "body": body or {}}, payload)

    async def run(self) -> None:
        """Read until the other side ends; then fail what is still open."""
        try:
            while True:
                head, payload = await self._read()
                self._take(head, payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the socket, stop the handlers, fail the open calls."""
        self._writer.close()
        for waiting in self._open.values():
            if not waiting.done():
                waiting.set_exception(errors.WorkerLost())
        await self._tasks.close()

    def _send(self, head: Body, payload: bytes = b"") -> None:
        if self._writer.is_closing():
            raise errors.WorkerLost
        text = json.dumps(head, separators=(",", ":")).encode()
        self._writer.write(_LENGTHS.pack(len(text), len(payload)) + text + payload)

    async def _read(self) -> tuple[Body, bytes]:
        lengths = await self._reader.readexactly(_LENGTHS.size)
        head_size, payload_size = _LENGTHS.unpack(lengths)
        if head_size > MAX_HEAD or payload_size > MAX_PAYLOAD:
            raise ConnectionError
        head: Body = json.loads(await self._reader.readexactly(head_size))
        return head, await self._reader.readexactly(payload_size)

    def _take(self, head: Body, payload: bytes) -> None:
        if "method" in head:
            self._tasks.start(self._serve(head, payload), f"rpc {head['method']}")
            return
        waiting = self._open.get(head["answer"])
        if waiting is None or waiting.done():
            return
        try:
            waiting.set_result(result(head))
        except errors.RtcServerError as error:
            waiting.set_exception(error)

    async def _serve(self, head: Body, payload: bytes) -> None:
        number = head["call"]
        reply = await answer(self._handlers, head["method"], head["body"], payload)
        if number:
            with contextlib.suppress(errors.WorkerLost):
                self._send({"answer": number, **reply})
