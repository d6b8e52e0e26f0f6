"""Sessions of clients that send pictures: found by their ids, opened with the first one."""

import asyncio
from dataclasses import dataclass, field, replace
from uuid import uuid4

from rtc_server.clock import Clock
from rtc_server.errors import SessionClosed, SessionNotFound, WorkerLost
from rtc_server.identity import Identity
from rtc_server.metrics import wire
from rtc_server.worker.admission import Admission
from rtc_server.worker.placement import Placement
from signaling.errors import RateLimited
from signaling.limits import TokenBucket

BURST = 1.5
"""Seconds of frames that may come at once after a pause."""

Key = tuple[str, str, str | None, str]


@dataclass(slots=True)
class Relay:
    """One such session as the front process knows it."""

    bucket: TokenBucket
    session_id: str | None = None
    attached: bool = False
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


class Relays:
    """One session for each student, section and kind of client."""

    def __init__(
        self, admission: Admission, placement: Placement, clock: Clock, max_fps: float
    ) -> None:
        """Each client may send ``max_fps`` pictures a second."""
        self._admission = admission
        self._placement = placement
        self._clock = clock
        self._max_fps = max_fps
        self._relays: dict[Key, Relay] = {}

    async def frame(self, identity: Identity, jpeg: bytes) -> wire.Metrics | None:
        """Have a picture analysed in the session of these ids; opens it where there is none.

        Raises :class:`RateLimited`, :class:`FrameRefused` and what opening raises.
        """
        relay = self._relay(identity)
        wait = relay.bucket.take()
        if wait:
            raise RateLimited(wait)
        try:
            text = await self._analyse(relay, identity, jpeg)
        finally:
            if relay.session_id is None:
                self._relays.pop(_key(identity), None)
        return None if text is None else _metrics(text)

    async def detach(self, identity: Identity) -> None:
        """The connection is gone; the session waits for another one of the same client."""
        relay = self._relays.get(_key(identity))
        if relay is None or relay.session_id is None or not relay.attached:
            return
        relay.attached = False
        try:
            await self._placement.detach(relay.session_id)
        except (SessionNotFound, WorkerLost):
            relay.session_id = None

    async def end(self, identity: Identity) -> str | None:
        """End the session as the client's bye; its id, if there was one."""
        relay = self._relays.pop(_key(identity), None)
        if relay is None or relay.session_id is None:
            return None
        await self._admission.end_session(relay.session_id)
        return relay.session_id

    def forget(self, session_id: str) -> None:
        """This session has ended."""
        for key, relay in list(self._relays.items()):
            if relay.session_id == session_id:
                del self._relays[key]

    def _relay(self, identity: Identity) -> Relay:
        key = _key(identity)
        if key not in self._relays:
            bucket = TokenBucket(self._clock, self._max_fps, BURST * self._max_fps)
            self._relays[key] = Relay(bucket)
        return self._relays[key]

    async def _analyse(self, relay: Relay, identity: Identity, jpeg: bytes) -> str | None:
        try:
            return await self._placement.frame(await self._session_of(relay, identity), jpeg)
        except (SessionNotFound, SessionClosed, WorkerLost):
            relay.session_id = None  # it ended meanwhile: the picture begins a new one
            return await self._placement.frame(await self._session_of(relay, identity), jpeg)

    async def _session_of(self, relay: Relay, identity: Identity) -> str:
        async with relay.opening:
            if relay.session_id is None:
                fresh = replace(identity, session_id=str(uuid4()))
                relay.session_id = (await self._admission.open(fresh, None)).session_id
            elif not relay.attached:
                await self._admission.rejoin(relay.session_id, identity.client)
            relay.attached = True
            return relay.session_id


def _key(identity: Identity) -> Key:
    return identity.user_id, identity.module_id, identity.section_id, identity.client


def _metrics(text: str) -> wire.Metrics:
    message = wire.decode_server(text)
    assert isinstance(message, wire.Metrics)  # noqa: S101 - what placements promise
    return message
