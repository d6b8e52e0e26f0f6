"""Clients whose network lets nothing through but plain requests: pictures and messages one by one.

What the session says meanwhile waits for the client's next request and goes into its answer.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from rtc_server.base.clock import Clock
from rtc_server.base.errors import RtcServerError, SessionClosed, SessionNotFound
from rtc_server.front.admission import Admitted
from rtc_server.front.mailbox import Mailbox
from rtc_server.front.placement import Placement
from rtc_server.metrics import wire
from signaling.access.caller import Caller
from signaling.pictures.picture_session import PictureSession
from signaling.pictures.sessions import PictureSessions

SILENT_SECONDS = 60.0
"""After so long without a request a client is forgotten; its session has ended by then."""
ANSWER_WITHIN = 2.0
"""Seconds that a request waits for what its message is answered by."""
ANSWERS: dict[type[wire.ClientMessage], str] = {wire.Ping: '"pong"', wire.Bye: '"summary"'}


class RestClient:
    """One such client."""

    def __init__(self, session: PictureSession, listening: Mailbox) -> None:
        """``listening`` hears what the session says."""
        self.used_at = 0.0
        self._session = session
        self._listening = listening

    async def frame(self, jpeg: bytes) -> list[str]:
        """Have a picture analysed: its metrics, unless a newer took its place, and what waits.

        Raises :class:`RateLimited` and what :meth:`Placement.frame` raises.
        """
        self._session.take()
        try:
            metrics = await self._session.frame(jpeg)
        except (SessionNotFound, SessionClosed) as error:
            return self._last_words(error)
        return [*([] if metrics is None else [metrics]), *self._said()]

    async def say(self, text: str) -> list[str]:
        """Hand on a message: what it is answered by, and what else waits.

        Raises :class:`SessionNotFound` or :class:`WorkerLost`.
        """
        try:
            await self._session.say(text)
        except (SessionNotFound, SessionClosed) as error:
            return self._last_words(error)
        return await self._until(_answer_to(text))

    def close(self) -> None:
        """Hear no more."""
        self._listening.close()

    def _said(self) -> list[str]:
        """What waits; metrics answer their pictures, and are said here for others who listen."""
        return [text for text in self._listening.take() if not wire.is_metrics(text)]

    async def _until(self, sign: str | None) -> list[str]:
        texts = self._said()
        if sign is None:
            return texts
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN):
                while not any(sign in text for text in texts):
                    texts.append(await self._listening.get())
                    texts += self._said()
        return texts

    def _last_words(self, error: RtcServerError) -> list[str]:
        """What the session said before it ended: once, then it is gone."""
        texts = self._said()
        if not texts:
            raise error
        return texts


class RestClients:
    """All of them, by the secret of their resource URL."""

    def __init__(self, sessions: PictureSessions, placement: Placement, clock: Clock) -> None:
        """Has none yet."""
        self._sessions = sessions
        self._placement = placement
        self._clock = clock
        self._clients: dict[str, RestClient] = {}

    async def begin(self, caller: Caller) -> Admitted:
        """Open a session; raises what :meth:`Gate.open` raises."""
        return await self._attach(caller.identity.session_id, self._sessions.begin(caller))

    async def resume(self, address: str, session_id: str, resume_token: str) -> Admitted:
        """Go on with a session; raises what :meth:`Gate.resume` raises."""
        opening = self._sessions.resume(address, session_id, resume_token, "rest")
        return await self._attach(session_id, opening)

    async def of(self, resource: str) -> RestClient:
        """The client of this resource; raises :class:`SessionNotFound`.

        One that attached at another front process, or before this one started, is taken in.
        """
        client = self._clients.get(resource) or await self._take_in(resource)
        client.used_at = self._clock.monotonic()
        return client

    async def _attach(
        self, session_id: str, opening: Coroutine[Any, Any, tuple[PictureSession, Admitted]]
    ) -> Admitted:
        # The session may speak before it is known here that it is open.
        listening = self._placement.listen(session_id)
        try:
            session, admitted = await opening
        except BaseException:
            listening.close()
            raise
        self._enrol(admitted.resource, RestClient(session, listening))
        return admitted

    async def _take_in(self, resource: str) -> RestClient:
        session = await self._sessions.take_in(resource)
        listening = self._placement.listen(session.known_id)
        return self._enrol(resource, RestClient(session, listening))

    def _enrol(self, resource: str, client: RestClient) -> RestClient:
        self._forget_silent()
        client.used_at = self._clock.monotonic()
        self._clients[resource] = client
        return client

    def _forget_silent(self) -> None:
        oldest = self._clock.monotonic() - SILENT_SECONDS
        for resource, client in list(self._clients.items()):
            if client.used_at < oldest:
                client.close()
                del self._clients[resource]


def _answer_to(text: str) -> str | None:
    """What is in the message that answers this one."""
    try:
        return ANSWERS.get(type(wire.decode_client(text)))
    except ValidationError:
        return None
