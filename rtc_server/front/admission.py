"""Who gets in: the way of an offer from the HTTP request to a worker; front process."""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from rtc_server.base.config import IceServer
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import (
    Overloaded,
    RtcServerError,
    SessionNotFound,
    StaleEpoch,
    WorkerLost,
)
from rtc_server.base.identity import Identity
from rtc_server.front.placement import Placement
from rtc_server.front.reaper import Reaper
from rtc_server.ipc.messages import OpenRequest
from rtc_server.store.model import SessionRow, SessionState
from rtc_server.store.store import Store

SECRET_BYTES = 24
REPLACED_WITHIN = 5.0
"""Seconds that an older session of the same student and section may take to end."""
SETTLED_WITHIN = 2.0
"""Seconds that whoever ends a session waits for its summary."""
SETTLED_STEP = 0.05
FORMER = 10_000
"""Addresses of earlier connections that are remembered; then the oldest are forgotten."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the client gets for its offer."""

    session_id: str
    answer: str | None
    """SDP, where there was an offer."""
    resource: str
    """The secret part of the resource URL."""
    resume_token: str
    connection: str
    """What :meth:`Placement.detach` calls this connection."""
    ice_servers: tuple[IceServer, ...] = ()
    """For the client, who may try again with them."""


class IceServers(Protocol):
    """Where the ICE servers of a session come from."""

    async def servers(self, name: str) -> tuple[IceServer, ...]:
        """Servers with credentials for ``name``, best first."""
        ...

    def answering(self, servers: tuple[IceServer, ...]) -> tuple[IceServer, ...]:
        """Those of ``servers`` that the answering side should use itself."""
        ...


class Admission:
    """Opens, resumes and ends sessions for clients."""

    def __init__(
        self,
        store: Store,
        placement: Placement,
        reaper: Reaper,
        ice: IceServers,
        max_sessions: int,
    ) -> None:
        """At most ``max_sessions`` at once, on all workers of this process."""
        self._store = store
        self._placement = placement
        self._reaper = reaper
        self._ice = ice
        self._max_sessions = max_sessions
        self._former: OrderedDict[str, str] = OrderedDict()

    async def open(self, identity: Identity, offer: str | None) -> Admitted:
        """Begin a session; an older one of the same student and section ends as replaced.

        Raises :class:`OfferRefused`, :class:`Overloaded`, :class:`StoreError`.
        """
        older = await self._store.sessions.live_of(
            identity.user_id, identity.module_id, identity.section_id
        )
        leaving = sum(row.worker is not None for row in older)  # they make room for this one
        if self._placement.load() - leaving >= self._max_sessions:
            raise Overloaded
        admitted = await self._place(identity, offer)
        for row in older:
            await self._replace(row)
        return admitted

    async def resume(
        self, session_id: str, resume_token: str, offer: str | None, client: str = "webrtc"
    ) -> Admitted:
        """Go on with a session on a new connection, which gets a resource URL of its own.

        The token stays: an answer that is lost on its way must not lock the student out.
        Raises :class:`SessionNotFound` (also for a wrong token), :class:`SessionClosed`,
        and what :meth:`open` raises.
        """
        row = await self._store.sessions.get(session_id)
        if row is None or not _may_resume(row, resume_token):
            raise SessionNotFound
        return await self._go_on(row, client, offer, resume_token)

    async def may_resume(self, session_id: str, resume_token: str) -> bool:
        """Whether this token is the one of that session."""
        row = await self._store.sessions.get(session_id)
        return row is not None and _may_resume(row, resume_token)

    async def rejoin(self, session_id: str, client: str) -> Admitted:
        """Go on with a session whose pictures come through this process, after a pause.

        Raises :class:`SessionNotFound`, :class:`SessionClosed` and what :meth:`open` raises.
        """
        row = await self._store.sessions.get(session_id)
        if row is None:
            raise SessionNotFound
        return await self._go_on(row, client, None, resume_token="")

    async def end_session(self, session_id: str) -> SessionRow:
        """End the session with this id as its client's bye; raises :class:`SessionNotFound`.

        Returns the row with the summary, or as it was where settling takes too long.
        """
        await self._bye(await self._store.sessions.get(session_id))
        row = await self._store.sessions.get(session_id)
        for _ in range(int(SETTLED_WITHIN / SETTLED_STEP)):
            if row is None or row.state is SessionState.ENDED:
                break
            await asyncio.sleep(SETTLED_STEP)
            row = await self._store.sessions.get(session_id)
        if row is None:
            raise SessionNotFound
        return row

    async def add_candidates(
        self, row: SessionRow, fragment: str, *, restart: bool = False
    ) -> str | None:
        """Hand a trickle ICE fragment to the session's peer; what answers an ICE restart.

        Raises :class:`OfferRefused` or :class:`SessionNotFound`.
        """
        return await self._placement.add_candidates(row.session_id, fragment, restart=restart)

    async def row_of(self, resource: str) -> SessionRow:
        """The session behind a resource URL, also one of an earlier connection of it.

        An answer that was lost on its way leaves the client with the earlier one.
        Raises :class:`SessionNotFound`.
        """
        hashed = _hash(resource)
        row = await self._store.sessions.by_resource(hashed)
        if row is None and hashed in self._former:
            row = await self._store.sessions.get(self._former[hashed])
        if row is None:
            raise SessionNotFound
        return row

    @staticmethod
    def is_present(row: SessionRow, resource: str) -> bool:
        """Whether this resource URL is the one of the session's newest connection."""
        return row.resource_hash == _hash(resource)

    async def end(self, resource: str) -> None:
        """End the session behind a resource URL, as if the client had said bye.

        A session that has ended already is fine; raises :class:`SessionNotFound` when
        there never was one.
        """
        await self._bye(await self.row_of(resource))

    async def _bye(self, row: SessionRow | None) -> None:
        if row is None:
            raise SessionNotFound
        if row.state is not SessionState.ENDED:
            await self._end(row, EndReason.CLIENT_BYE)

    async def _go_on(
        self, row: SessionRow, client: str, offer: str | None, resume_token: str
    ) -> Admitted:
        identity = Identity(row.session_id, row.user_id, row.module_id, row.section_id, client)
        try:
            return await self._place(identity, offer, resume_token, row.epoch)
        except StaleEpoch:
            # A worker that died since had taken it, or the client asked twice.
            newer = await self._store.sessions.get(row.session_id)
            if newer is None:
                raise SessionNotFound from None
            return await self._place(identity, offer, resume_token, newer.epoch)

    async def _place(
        self,
        identity: Identity,
        offer: str | None,
        resume_token: str | None = None,
        epoch: int | None = None,
    ) -> Admitted:
        resumed = resume_token is not None
        resource = secrets.token_urlsafe(SECRET_BYTES)
        token = resume_token or secrets.token_urlsafe(SECRET_BYTES)
        servers = () if offer is None else await self._ice.servers(identity.session_id)
        request = OpenRequest(
            identity=identity,
            offer=offer,
            resource_hash=_hash(resource),
            resume_hash=_hash(token),
            resumed=resumed,
            epoch=epoch,
            ice_servers=self._ice.answering(servers),
        )
        answer = await self._placement.open(request)
        if resumed:
            await self._remember(identity.session_id)
            await self._store.sessions.readdress(identity.session_id, request.resource_hash)
        return Admitted(
            identity.session_id, answer, resource, token, request.resource_hash, servers
        )

    async def _remember(self, session_id: str) -> None:
        """Keep the address that the session has had until now."""
        row = await self._store.sessions.get(session_id)
        if row is not None:
            self._former[row.resource_hash] = session_id
        while len(self._former) > FORMER:
            self._former.popitem(last=False)

    async def _replace(self, row: SessionRow) -> None:
        """The newer one is served already: what the older's end meets must not cost it that."""
        try:
            await self._end(row, EndReason.REPLACED)
        except RtcServerError as error:
            log.warning("session %s is not ended: %s", row.session_id, error.code)
            return
        log.info("session %s is replaced by a newer one", row.session_id)

    async def _end(self, row: SessionRow, reason: EndReason) -> None:
        """End it on its worker, or here where no worker of ours holds it."""
        try:
            async with asyncio.timeout(REPLACED_WITHIN):
                await self._placement.end(row.session_id, reason)
        except (SessionNotFound, TimeoutError, WorkerLost):
            await self._reaper.end(row, reason)


def _may_resume(row: SessionRow, resume_token: str) -> bool:
    return _same(row.resume_hash or "", _hash(resume_token))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)
