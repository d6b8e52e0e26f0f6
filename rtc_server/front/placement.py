"""The front process's one way to the media workers, wherever they run; on its event loop.

A further call to a session's worker takes two things: a method here that says its types, and one of
:class:`~rtc_server.worker.host.Host` that is :func:`~rtc_server.ipc.rpc.remote`.
"""

from abc import ABC, abstractmethod

from pydantic import TypeAdapter

from rtc_server.base.end_reason import EndReason
from rtc_server.front.mailbox import Mailbox, Mailboxes
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.ipc.rpc import Body, Json
from rtc_server.session.status import SessionStatus

STATUS_PATIENCE = 2.0
"""Seconds that a worker may take to say how its sessions do."""
_STATUSES = TypeAdapter(list[SessionStatus])


class Placement(ABC):
    """Puts sessions on media workers and reaches them there.

    Every call to a session raises :class:`SessionNotFound` where no worker holds it and
    :class:`WorkerLost` where its worker died.
    """

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.mailboxes = Mailboxes()

    # ------------------------------------------------------------ what carries the calls

    @abstractmethod
    async def open(self, request: OpenRequest) -> str | None:
        """Open or resume the session on a worker and return the SDP answer to its offer.

        Raises :class:`OfferRefused`, :class:`Overloaded`, :class:`StoreError` or
        :class:`WorkerLost`.
        """

    @abstractmethod
    async def call(
        self, session_id: str, method: str, body: Body | None = None, payload: bytes = b""
    ) -> Json:
        """Call the worker that holds the session; raises what its method raised."""

    @abstractmethod
    async def call_all(self, method: str, patience: float) -> list[Json]:
        """Call every worker that is ready; one silent for ``patience`` seconds is left out."""

    @abstractmethod
    def load(self) -> int:
        """How many sessions are placed now."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether at least one worker takes sessions."""

    @abstractmethod
    def reports(self) -> list[WorkerReport]:
        """How the workers do."""

    # ------------------------------------------------------------ the calls

    async def end(self, session_id: str, reason: EndReason) -> None:
        """Ask the session to end; its summary follows by itself."""
        await self.call(session_id, "end", {"reason": reason})

    async def frame(self, session_id: str, jpeg: bytes) -> str | None:
        """Have a picture analysed and return its ``metrics`` message.

        ``None`` when a newer picture took its place. Raises :class:`FrameRefused` and
        :class:`SessionClosed`.
        """
        metrics: str | None = await self.call(session_id, "frame", payload=jpeg)
        return metrics

    async def say(self, session_id: str, text: str) -> None:
        """Hand on a control message of a client whose frames come through here."""
        await self.call(session_id, "say", {"text": text})

    async def detach(self, session_id: str, connection: str) -> None:
        """Tell that a connection is gone (its ``resource_hash``); a newer one stays."""
        await self.call(session_id, "detach", {"connection": connection})

    async def add_candidates(
        self, session_id: str, fragment: str, *, restart: bool = False
    ) -> str | None:
        """Hand a trickle ICE fragment (RFC 8840) to the session's peer.

        Returns what answers an ICE restart, which only a ``restart`` may be. Raises
        :class:`OfferRefused`.
        """
        body = {"fragment": fragment, **({"restart": True} if restart else {})}
        answer = await self.call(session_id, "add_candidates", body)
        return answer if isinstance(answer, str) else None

    async def watch(self, session_id: str, *, on: bool) -> None:
        """Have what the session sends on its data channels sent to its listeners as well."""
        await self.call(session_id, "watch", {"on": on})

    async def statuses(self) -> list[SessionStatus]:
        """How each session does at this moment; those of a worker that is silent are left out."""
        told = await self.call_all("statuses", STATUS_PATIENCE)
        return [status for each in told for status in _STATUSES.validate_python(each)]

    # ------------------------------------------------------------ what sessions say by themselves

    def listen(self, session_id: str) -> Mailbox:
        """Hear what the session says to its client, from now on."""
        return self.mailboxes.open(session_id)

    def is_heard(self, session_id: str) -> bool:
        """Whether anybody listens to the session."""
        return session_id in self.mailboxes
