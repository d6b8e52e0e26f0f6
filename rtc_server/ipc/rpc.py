"""Calls between the front process and a media worker; runs on the event loop of both.

:class:`Rpc` carries them over one socket pair. A message there is a length, a JSON head and an
optional binary body. Both sides may call; an answer finds its call by number. The other side's end
closes everything: open calls fail with :class:`WorkerLost`.

What is said is the same whatever carries it, a socket pair or an actor of a cluster
(:func:`answer`, :func:`result`): a reply is ``{"body": …}`` or ``{"error": …}``. The other side
may call the methods that are :func:`remote`; an :class:`RtcServerError` that one raises arrives at
the caller as the same class, with its code.
"""

import asyncio
import contextlib
import inspect
import itertools
import json
import logging
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

from rtc_server.base import errors
from rtc_server.base.aio import TaskSet
from rtc_server.base.config import WorkerConfig

Body = dict[str, Any]
Json = Any
"""A JSON value."""
Handler = Callable[[Body, bytes], Awaitable[Json]]
"""Takes the arguments by name and the payload; returns a JSON value."""
MethodT = TypeVar("MethodT", bound=Callable[..., Awaitable[Json]])

_LENGTHS = struct.Struct("!II")
MAX_HEAD = 4 * 1024 * 1024
MAX_PAYLOAD = 64 * 1024 * 1024
_REMOTE = "is_remote"
_CONFIG = TypeAdapter(WorkerConfig)

log = logging.getLogger(__name__)


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
        self._open: dict[int, asyncio.Future[Json]] = {}
        self._tasks = TaskSet()

    async def call(self, method: str, body: Body | None = None, payload: bytes = b"") -> Json:
        """Ask the other side and wait for its answer; raises what its handler raised."""
        number = next(self._numbers)
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
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


def remote(method: MethodT) -> MethodT:
    """Let the other process call ``method`` by its name, with JSON values for its arguments.

    One that is called with bytes takes them as ``payload``.
    """
    setattr(method, _REMOTE, True)
    return method


def handlers_of(service: object) -> dict[str, Handler]:
    """The methods of ``service`` that are :func:`remote`, by name."""
    methods = inspect.getmembers(type(service), lambda member: hasattr(member, _REMOTE))
    return {name: _handler(getattr(service, name)) for name, _ in methods}


def _handler(method: Callable[..., Awaitable[Json]]) -> Handler:
    async def handle(body: Body, payload: bytes) -> Json:
        return await (method(**body, payload=payload) if payload else method(**body))

    return handle


async def answer(handlers: Mapping[str, Handler], method: str, body: Body, payload: bytes) -> Body:
    """Serve one call; never raises but when cancelled."""
    if method not in handlers:
        return {
            "error": _to_wire(errors.RtcServerError(f"there is no call {method!r}, or not yet"))
        }
    try:
        return {"body": await handlers[method](body, payload)}
    except errors.RtcServerError as error:
        return {"error": _to_wire(error)}
    except Exception as error:  # the root of a handler's task
        log.exception("the handler of %s failed", method)
        return {"error": _to_wire(errors.RtcServerError(repr(error)))}


def result(reply: Body) -> Json:
    """What the handler returned; raises what it raised."""
    if "error" in reply:
        raise _from_wire(reply["error"])
    return reply["body"]


def _to_wire(error: errors.RtcServerError) -> Body:
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "message": str(error),
        "retry_after": getattr(error, "retry_after", None),
    }


def _from_wire(body: Body) -> errors.RtcServerError:
    if body["kind"] == "Overloaded":
        return errors.Overloaded(body["message"], retry_after=body["retry_after"])
    kind = getattr(errors, body["kind"], errors.RtcServerError)
    if kind is errors.SourceEnded:
        kind = errors.RtcServerError
    error: errors.RtcServerError = kind(body["message"], code=body["code"])
    return error


def dump_config(config: WorkerConfig) -> Body:
    """``config`` as JSON values."""
    body: Body = json.loads(_CONFIG.dump_json(config))
    return body


def load_config(body: Body) -> WorkerConfig:
    """The settings that :func:`dump_config` wrote."""
    return _CONFIG.validate_python(body)
