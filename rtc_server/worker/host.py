"""The sessions of one media worker, and the calls to them; on the worker's loop."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial

from pydantic import TypeAdapter

from rtc_server.base.aio import TaskSet
from rtc_server.base.clock import Clock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import CheckpointUnreadable, Overloaded, SessionClosed, SessionNotFound
from rtc_server.base.identity import Identity
from rtc_server.base.log import about_session
from rtc_server.ipc.messages import OpenRequest
from rtc_server.ipc.rpc import Body, remote
from rtc_server.metrics.meter import Meter
from rtc_server.peer.connection import Peer
from rtc_server.peer.ice.sockets import IceSockets
from rtc_server.session.ownership import SessionOwnership
from rtc_server.session.recorder import SessionRecorder
from rtc_server.session.session import Session
from rtc_server.session.transport import Transport
from rtc_server.store.model import NewSession
from rtc_server.store.store import Store
from rtc_server.vision.observer import Observer
from rtc_server.worker.overload import SHARES, Overload, Step
from rtc_server.worker.picture_transport import PictureTransport
from rtc_server.worker.webrtc_transport import WebRtcTransport

_REQUEST = TypeAdapter(OpenRequest)

log = logging.getLogger(__name__)


class Host:
    """Opens sessions on this worker, keeps them, and lets go of them."""

    def __init__(
        self,
        name: str,
        config: WorkerConfig,
        clock: Clock,
        store: Store,
        observer: Observer,
        let_go: Callable[[str, EndReason], None],
        tell: Callable[[str, str], None],
        sockets: IceSockets,
    ) -> None:
        """``let_go`` is told the id of each session that this worker holds no longer.

        And why: one that was drained is left to another worker, and so is not over. ``tell``
        carries a message of a session to the front process.
        """
        self._name = name
        self._config = config
        self._clock = clock
        self._store = store
        self._observer = observer
        self._let_go = let_go
        self._tell = tell
        self._sockets = sockets
        self.overload = Overload()
        """What is given up for lack of time; call :meth:`shed` when it changes."""
        self._stats = observer.stats
        self._pictures: dict[str, PictureTransport] = {}
        self._peers: dict[str, WebRtcTransport] = {}
        self._watched: set[str] = set()
        self._sessions: dict[str, Session] = {}
        self._tasks = TaskSet()
        self._draining = False

    def __len__(self) -> int:
        """How many sessions are held."""
        return len(self._sessions)

    @remote
    async def open(self, request: Body) -> str | None:
        """Answer an :class:`OpenRequest` and run its session; its row is written by then.

        Raises :class:`OfferRefused`, :class:`Overloaded`, :class:`StoreError`,
        :class:`SessionClosed`.
        """
        return await self._open(_REQUEST.validate_python(request))

    async def _open(self, request: OpenRequest) -> str | None:
        if self._draining:
            raise Overloaded
        if self.overload.refuses and self._sessions and not request.resumed:
            raise Overloaded(retry_after=self.overload.retry_after)
        with about_session(request.identity.session_id):
            if request.offer is None:
                await self._open_pictures(request)
                return None
            return await self._open_peer(request, request.offer)

    def shed(self) -> None:
        """Bring all sessions alike to the rate that the load allows."""
        reason = "recovered" if self.overload.step is Step.FULL else "overload"
        for session in self._sessions.values():
            session.limit(self._max_fps(), reason)

    def _max_fps(self) -> float:
        return SHARES[self.overload.step] * self._config.session.max_fps

    @remote
    async def statuses(self) -> list[Body]:
        """The :class:`SessionStatus` of each session at this moment."""
        return [asdict(session.status()) for session in self._sessions.values()]

    def census(self) -> list[tuple[str, str, int]]:
        """State, kind of client, and how many such sessions there are."""
        kinds = Counter(
            (each.state.value, each.identity.client) for each in self._sessions.values()
        )
        return [(state, client, number) for (state, client), number in kinds.items()]

    @remote
    async def frame(self, session_id: str, payload: bytes = b"") -> str | None:
        """Analyse a JPEG; its ``metrics`` message, ``None`` when a newer took its place."""
        return await self._picture_transport(session_id).frames.push(
            payload, self._clock.monotonic()
        )

    @remote
    async def say(self, session_id: str, text: str) -> None:
        """Take a control message that came through the front process."""
        self._picture_transport(session_id).hear(text)

    @remote
    async def detach(self, session_id: str, connection: str) -> None:
        """A connection that pictures came by is gone; a newer one of the session stays."""
        pictures = self._picture_transport(session_id)
        if pictures.connection == connection:
            pictures.detach()

    @remote
    async def add_candidates(
        self,
        session_id: str,
        fragment: str,
        restart: bool = False,  # noqa: FBT001, FBT002 - a call's argument
    ) -> str | None:
        """Hand a trickle ICE fragment to the session's peer; what answers an ICE restart.

        Raises :class:`OfferRefused`.
        """
        return await self._peer(session_id).add_candidates(fragment, restart=restart)

    @remote
    async def watch(self, session_id: str, on: bool) -> None:  # noqa: FBT001 - a call's argument
        """Tell the front process as well all that the session says, whatever carries it."""
        if session_id not in self._sessions:
            raise SessionNotFound
        (self._watched.add if on else self._watched.discard)(session_id)
        for transport in (self._peers.get(session_id), self._pictures.get(session_id)):
            if transport is not None:
                transport.watched = on

    async def _open_peer(self, request: OpenRequest, offer: str) -> str:
        session_id = request.identity.session_id
        config = replace(self._config.peer, ice_servers=request.ice_servers)
        peer = Peer(
            config,
            self._clock,
            name=session_id,
            refused=self._refused,
            sockets=self._sockets,
        )
        try:
            answer = await peer.answer(offer)
            tell = partial(self._tell, session_id)
            transport = WebRtcTransport(peer, self._clock, self._config.session, tell, self._stats)
            transport.watched = session_id in self._watched
            await self._join(request, transport)
        except BaseException:
            await peer.close()
            raise
        self._peers[session_id] = transport
        return answer

    def _refused(self, code: str) -> None:
        self._stats.refused[code] += 1

    def _peer(self, session_id: str) -> WebRtcTransport:
        if session_id not in self._peers:
            raise SessionNotFound
        return self._peers[session_id]

    async def _open_pictures(self, request: OpenRequest) -> None:
        session_id = request.identity.session_id
        transport = PictureTransport(
            request.resource_hash,
            partial(self._tell, session_id),
            self._stats,
            request.identity.client,
            self._config.session.idle_timeout,
        )
        transport.watched = session_id in self._watched
        await self._join(request, transport)
        self._pictures[session_id] = transport

    def _picture_transport(self, session_id: str) -> PictureTransport:
        if session_id not in self._pictures:
            raise SessionNotFound
        return self._pictures[session_id]

    @remote
    async def end(self, session_id: str, reason: str) -> None:
        """Ask a session to end; raises :class:`SessionNotFound`."""
        if session_id not in self._sessions:
            raise SessionNotFound
        self._sessions[session_id].ask_to_end(EndReason(reason))

    @remote
    async def drain(self) -> None:
        """Take no further session; leave those here to whoever comes next."""
        self._draining = True
        for session in self._sessions.values():
            session.ask_to_end(EndReason.DRAINED)
        await self._tasks.join()

    async def close(self) -> None:
        """Stop what still runs."""
        await self._tasks.close()

    async def _join(self, request: OpenRequest, transport: Transport) -> None:
        session_id = request.identity.session_id
        held = self._sessions.get(session_id)
        if held is not None:
            held.attach(transport)
            return
        session = await (self._resume(request) if request.resumed else self._begin(request))
        session.limit(self._max_fps(), "overload")
        session.attach(transport)
        self._sessions[session_id] = session
        self._tasks.start(self._run(session), f"session {session_id}")

    async def _begin(self, request: OpenRequest) -> Session:
        identity = request.identity
        session = self._config.session
        expires = self._config.peer.connect_timeout + session.lease + session.reconnect_grace
        new = NewSession(
            session_id=identity.session_id,
            user_id=identity.user_id,
            module_id=identity.module_id,
            section_id=identity.section_id,
            resource_hash=request.resource_hash,
            resume_hash=request.resume_hash,
            client=identity.client,
            worker=self._name,
            expires_in=expires,
        )
        ownership = await SessionOwnership.open(self._store, self._config.forward, self._clock, new)
        return self._session(identity, ownership, Meter(self._config.metrics))

    async def _resume(self, request: OpenRequest) -> Session:
        identity = request.identity
        ownership, handover = await SessionOwnership.claim(
            self._store,
            self._config.forward,
            self._clock,
            identity.session_id,
            self._name,
            seen=request.epoch,
        )
        longest = self._config.session.lease + self._config.session.reconnect_grace
        elapsed = handover.elapsed_now(longest)
        try:
            meter = handover.meter(self._config.metrics)
        except CheckpointUnreadable:
            account = handover.settle(self._config.metrics, longest)
            await ownership.end(handover.reason, account, keep_checkpoint=handover.broken)
            raise SessionClosed from None
        return self._session(identity, ownership, meter, elapsed, handover.elapsed)

    def _session(
        self,
        identity: Identity,
        ownership: SessionOwnership,
        meter: Meter,
        elapsed: float | None = None,
        last_frame: float = 0.0,
    ) -> Session:
        recorder = SessionRecorder(
            identity.session_id, self._config.session, meter, ownership, last_frame
        )
        return Session(
            identity,
            self._config.session,
            self._clock,
            recorder,
            self._observer.analyst(),
            already_elapsed=elapsed,
            stats=self._stats,
        )

    async def _run(self, session: Session) -> None:
        """Run it to its end; whoever waits for its row need not wait for its connections."""
        session_id = session.identity.session_id
        reason = EndReason.DRAINED
        try:
            reason = await session.run()
        finally:
            del self._sessions[session_id]
            self._pictures.pop(session_id, None)
            self._peers.pop(session_id, None)
            self._watched.discard(session_id)
            self._let_go(session_id, reason)
            await session.close()
