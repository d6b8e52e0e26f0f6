"""One session whose pictures come through this process."""

import asyncio
from contextlib import suppress

from rtc_server.base.clock import Clock
from rtc_server.base.errors import SessionNotFound, WorkerLost
from rtc_server.front.admission import Admitted
from rtc_server.front.placement import Placement
from rtc_server.metrics import wire
from signaling.access.limits import TokenBucket
from signaling.access.tokens import Grant
from signaling.http.errors import BadRequest, RateLimited

BURST = 1.5
"""Seconds of frames that may come at once after a pause."""
MESSAGE_BYTES = 4096
MESSAGES_PER_SECOND = 20.0
MESSAGE_BURST = 40.0
"""As on the data channels (``rtc_server/peer/channel.py``)."""


class PictureSession:
    """Hands pictures and messages to the session's worker, at no more than its rate."""

    def __init__(self, placement: Placement, clock: Clock, max_fps: float) -> None:
        """Belongs to no session yet."""
        self.session_id: str | None = None
        self.connection: str | None = None
        """Set while the client's connection is there."""
        self.grant: Grant | None = None
        """What the token said that opened the session."""
        self.opening = asyncio.Lock()
        self._placement = placement
        self._bucket = TokenBucket(clock, max_fps, max(1.0, BURST * max_fps))
        self._words = TokenBucket(clock, MESSAGES_PER_SECOND, MESSAGE_BURST)

    def attach(self, admitted: Admitted, grant: Grant | None = None) -> None:
        """Belong to this session, by this connection."""
        self.grant = grant
        self.session_id, self.connection = admitted.session_id, admitted.connection

    def take(self) -> None:
        """Count one frame; raises :class:`RateLimited` for one too many."""
        wait = self._bucket.take()
        if wait:
            raise RateLimited(wait)

    async def frame(self, jpeg: bytes) -> str | None:
        """Have a picture analysed; see :meth:`Placement.frame`."""
        return await self._placement.frame(self.known_id, jpeg)

    async def say(self, text: str) -> None:
        """Hand on a control message; raises :class:`RateLimited` and :class:`BadRequest`."""
        if len(text.encode("utf-8", "replace")) > MESSAGE_BYTES:
            raise BadRequest(
                f"a message has at most {MESSAGE_BYTES} bytes", code="message_too_large"
            )
        wait = self._words.take()
        if wait:
            raise RateLimited(wait, code="too_many_messages")
        await self._placement.say(self.known_id, text)

    async def detach(self) -> None:
        """The connection is gone; the session waits for another."""
        if self.session_id is None or self.connection is None:
            return
        connection, self.connection = self.connection, None
        with suppress(SessionNotFound, WorkerLost):
            await self._placement.detach(self.session_id, connection)

    @property
    def known_id(self) -> str:
        """Its session's id; raises :class:`SessionNotFound` before there is one."""
        if self.session_id is None:
            raise SessionNotFound
        return self.session_id


def attached_message(admitted: Admitted, root: str) -> wire.Attached:
    """What answers ``attach``; ``root``: the path that the service is reached by."""
    return wire.Attached(
        session_id=admitted.session_id,
        resource=f"{root}/whip/{admitted.resource}",
        resume_token=admitted.resume_token,
    )
