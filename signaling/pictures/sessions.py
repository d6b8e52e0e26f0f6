"""Sessions of clients that send pictures: found by their ids, opened with the first one."""

from dataclasses import replace
from uuid import uuid4

from rtc_server.base.clock import Clock
from rtc_server.base.errors import SessionClosed, SessionNotFound, WorkerLost
from rtc_server.base.identity import Identity
from rtc_server.front.admission import Admission, Admitted
from rtc_server.front.placement import Placement
from rtc_server.metrics import wire
from rtc_server.store.model import SessionState
from signaling.access.caller import Caller
from signaling.access.gate import Gate
from signaling.pictures.picture_session import PictureSession

Key = tuple[str, str, str | None, str]


class PictureSessions:
    """One session for each student, section and kind of client."""

    def __init__(
        self,
        gate: Gate,
        admission: Admission,
        placement: Placement,
        clock: Clock,
        max_fps: float,
    ) -> None:
        """Has none yet; each client may send ``max_fps`` pictures a second."""
        self._gate = gate
        self._admission = admission
        self._placement = placement
        self._clock = clock
        self._max_fps = max_fps
        self._sessions: dict[Key, PictureSession] = {}

    async def frame(self, caller: Caller, jpeg: bytes) -> wire.Metrics | None:
        """Have a picture analysed in the session of these ids; opens it where there is none.

        Raises :class:`RateLimited`, :class:`FrameRefused` and what :meth:`Gate.open` raises;
        :class:`Unauthorized` also for an expired token that did not open this session.
        """
        session = self._session(caller.identity)
        try:
            session.take()
            text = await self._analyse(session, caller, jpeg)
        finally:
            # others may wait for the one that opens it: they join, or try in its place
            if session.session_id is None and not session.opening.locked():
                self._drop(_key(caller.identity), session)
        return None if text is None else _metrics(text)

    async def begin(self, caller: Caller) -> tuple[PictureSession, Admitted]:
        """Open a session for a client that attaches; raises what :meth:`Gate.open` raises."""
        return self._attached(await self._gate.open(caller, None))

    async def resume(
        self, address: str, session_id: str, token: str, client: str
    ) -> tuple[PictureSession, Admitted]:
        """Go on with a session; raises what :meth:`Gate.resume` raises."""
        return self._attached(await self._gate.resume(address, session_id, token, None, client))

    async def take_in(self, resource: str) -> PictureSession:
        """Serve a client that attached at another front process, or before this one started.

        Raises :class:`SessionNotFound` for a resource that leads to no session, or to one that
        has ended.
        """
        row = await self._admission.row_of(resource)
        if row.state is SessionState.ENDED:
            raise SessionNotFound
        session = self._new()
        session.session_id, session.connection = row.session_id, row.resource_hash
        return session

    def _attached(self, admitted: Admitted) -> tuple[PictureSession, Admitted]:
        session = self._new()
        session.attach(admitted)
        return session, admitted

    def _new(self) -> PictureSession:
        return PictureSession(self._placement, self._clock, self._max_fps)

    async def detach(self, identity: Identity) -> None:
        """The connection is gone; the session waits for another one of the same client."""
        session = self._sessions.get(_key(identity))
        if session is not None:
            await session.detach()

    async def end(self, identity: Identity) -> str | None:
        """End the session as the client's bye; its id, if there was one."""
        session = self._sessions.pop(_key(identity), None)
        if session is None or session.session_id is None:
            return None
        await self._admission.end_session(session.session_id)
        return session.session_id

    def forget(self, session_id: str) -> None:
        """This session has ended."""
        for key, session in list(self._sessions.items()):
            if session.session_id == session_id:
                del self._sessions[key]

    def _drop(self, key: Key, session: PictureSession) -> None:
        if self._sessions.get(key) is session:
            del self._sessions[key]

    def _session(self, identity: Identity) -> PictureSession:
        key = _key(identity)
        if key not in self._sessions:
            self._sessions[key] = self._new()
        return self._sessions[key]

    async def _analyse(self, session: PictureSession, caller: Caller, jpeg: bytes) -> str | None:
        await self._open(session, caller)
        connection = session.connection
        try:
            return await session.frame(jpeg)
        except (SessionNotFound, SessionClosed, WorkerLost):
            if session.connection == connection:  # no other picture has seen to it
                session.connection = None
            await self._open(session, caller)
            return await session.frame(jpeg)

    async def _open(self, session: PictureSession, caller: Caller) -> None:
        async with session.opening:
            if session.session_id is not None:
                self._gate.check_sender(caller, session.grant)
            if session.connection is None:
                await self._rejoin(session, caller.identity.client)
            if session.session_id is None:
                identity = replace(caller.identity, session_id=str(uuid4()))
                fresh = replace(caller, identity=identity)
                session.attach(await self._gate.open(fresh, None), caller.grant)

    async def _rejoin(self, session: PictureSession, client: str) -> None:
        """Go on with the client's session, be its worker gone; one that has ended is let go."""
        if session.session_id is None:
            return
        try:
            admitted = await self._admission.rejoin(session.session_id, client)
        except (SessionNotFound, SessionClosed):
            session.session_id = None
        else:
            session.attach(admitted, session.grant)


def _key(identity: Identity) -> Key:
    return identity.user_id, identity.module_id, identity.section_id, identity.client


def _metrics(text: str) -> wire.Metrics:
    message = wire.decode_server(text)
    assert isinstance(message, wire.Metrics)  # noqa: S101 - what placements promise
    return message
