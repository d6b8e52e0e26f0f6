"""A media worker that several front processes share, as an actor of a cluster runs it.

It knows nothing of what carries its calls; :mod:`rtc_server.cluster.ray_cluster` does.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from uuid import uuid4

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.log import configure_logging
from rtc_server.cluster.event_queues import EventQueues
from rtc_server.ipc.memory import resident
from rtc_server.ipc.rpc import Body, Json, answer, dump_config, load_config
from rtc_server.worker.worker import Worker

FrontHandler = Callable[[str, Body, bytes], Awaitable[Json]]
"""A handler that is also told the front process."""


class WorkerActor:
    """One worker, and who listens to it. Every call names the front process that it comes from.

    Beside the calls of :class:`Worker` it serves ``hear``: what happened since the last time,
    waiting a moment for it, and how it does. One that is asked no more goes on by itself:
    its sessions write the store.
    """

    def __init__(self, slot: str, log_level: str) -> None:
        """``slot``: where it runs; its own name is another after each start, for it is empty."""
        configure_logging(log_level)
        self.name = f"{slot}.{uuid4().hex[:8]}"
        self._place = _place(slot)
        self._listeners = EventQueues(SystemClock())
        self._worker = Worker(self.name, self._let_go, self._listeners.tell)
        self._given: Body | None = None
        self._configured = asyncio.Lock()
        self._own: dict[str, FrontHandler] = {
            "configure": self._configure,
            "hear": self._hear,
            "open": self._open,
            "frame": partial(self._follow, "frame"),
            "say": partial(self._follow, "say"),
            "watch": self._watch,
        }
        """The calls where it matters which front process comes."""

    async def call(self, front: str, method: str, body: Body, *payload: bytes) -> Body:
        """Serve one call; ``payload`` comes in pieces."""
        own = self._own.get(method)
        handlers = self._worker.handlers if own is None else {method: partial(own, front)}
        return await answer(handlers, method, body, b"".join(payload))

    async def _configure(self, _front: str, body: Body, _payload: bytes) -> Body:
        """Start with the first front's settings; others are told whether theirs are the same."""
        async with self._configured:
            if self._given is None:
                config = dump_config(_at_this_node(load_config(body["config"]), self._place))
                await self._worker.handlers["configure"]({"config": config}, b"")
                self._given = body["config"]
        return {"name": self.name, "same": self._given == body["config"]}

    async def _hear(self, front: str, body: Body, _payload: bytes) -> Body:
        events = await self._listeners.hear(front, body["seconds"])
        told = await self._worker.handlers["ping"]({}, b"")
        memory = await asyncio.to_thread(resident, os.getpid())
        return {"events": events, "told": told, "memory": memory}

    async def _open(self, front: str, body: Body, payload: bytes) -> str | None:
        request = body["request"]
        # A session may speak before its opening returns; one with a peer speaks to that alone.
        if request["offer"] is None:
            self._listeners.follow(front, request["identity"]["session_id"])
        answered: str | None = await self._worker.handlers["open"](body, payload)
        self._listeners.stir()  # other front processes place by what they know of it
        return answered

    async def _follow(self, method: str, front: str, body: Body, payload: bytes) -> object:
        """A call of a session whose frames come through a front process, whichever it is now."""
        answered: object = await self._worker.handlers[method](body, payload)
        self._listeners.follow(front, body["session_id"])
        return answered

    def _let_go(self, session_id: str, reason: EndReason) -> None:
        self._listeners.ended(session_id, left=reason is EndReason.DRAINED)

    async def _watch(self, front: str, body: Body, payload: bytes) -> None:
        session_id: str = body["session_id"]
        if body["on"]:
            await self._worker.handlers["watch"](body, payload)
            self._listeners.follow(front, session_id)
            return
        self._listeners.unfollow(front, session_id)
        if not self._listeners.is_followed(session_id):
            await self._worker.handlers["watch"](body, payload)


def _place(slot: str) -> int:
    """The number of a slot on its machine, which its name ends with."""
    number = slot.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _at_this_node(config: WorkerConfig, place: int) -> WorkerConfig:
    """What differs from machine to machine is this one's own, or nothing; never the front's."""
    tcp = config.peer.ice_tcp_port
    peer = replace(
        config.peer,
        ice_tcp_port=tcp and tcp + place,  # no front process of this machine listens for all
        ice_addresses=tuple(os.environ.get("ICE_ADDRESSES", "").replace(",", " ").split()),
        ice_public_address=os.environ.get("ICE_PUBLIC_ADDRESS") or None,
    )
    return replace(config, peer=peer).at_place(place)
