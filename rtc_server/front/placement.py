"""What the front process needs of the media workers, wherever they run."""

from dataclasses import dataclass
from typing import Any, Protocol

from rtc_server.base.config import IceServer
from rtc_server.base.end_reason import EndReason
from rtc_server.base.identity import Identity
from rtc_server.session.status import SessionStatus


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A client's offer for a session, new or resumed."""

    identity: Identity
    offer: str | None
    """SDP; ``None`` where frames come through the front process."""
    resource_hash: str
    """SHA-256 of the secret in the resource URL."""
    resume_hash: str
    """SHA-256 of the token that continues the session on a new connection."""
    resumed: bool = False
    epoch: int | None = None
    """Of the session that is resumed, as it was read: whoever took it since keeps it."""
    ice_servers: tuple[IceServer, ...] = ()
    """For the answering side; the first usable STUN and TURN server are used."""


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """How one worker does."""

    slot: str
    """Its place among the workers; one that died and its successor share it."""
    ready: bool
    memory: int
    """Bytes of RAM."""
    told: dict[str, Any]
    """What it said last: ``refuses``, ``step``, ``sessions``, ``stats``; empty before it did."""


class Listening(Protocol):
    """A bounded mailbox: when it is full the oldest message is dropped."""

    async def get(self) -> str:
        """Wait for the next message."""
        ...

    def take(self) -> list[str]:
        """Take all that waits, oldest first."""
        ...

    def close(self) -> None:
        """Hear no more."""
        ...


class Placement(Protocol):
    """Puts sessions on media workers and reaches them there."""

    async def open(self, request: OpenRequest) -> str | None:
        """Open or resume the session on a worker and return the SDP answer to its offer.

        Raises :class:`OfferRefused`, :class:`Overloaded`, :class:`StoreError` or
        :class:`WorkerLost`.
        """
        ...

    async def end(self, session_id: str, reason: EndReason) -> None:
        """End the session wherever it runs; raises :class:`SessionNotFound`."""
        ...

    async def frame(self, session_id: str, jpeg: bytes) -> str | None:
        """Have a picture analysed and return its ``metrics`` message.

        ``None`` when a newer picture took its place. Raises :class:`FrameRefused`,
        :class:`SessionNotFound`, :class:`SessionClosed` or :class:`WorkerLost`.
        """
        ...

    async def say(self, session_id: str, text: str) -> None:
        """Hand on a control message of a client whose frames come through here."""
        ...

    async def detach(self, session_id: str, connection: str) -> None:
        """Tell that a connection is gone (its ``resource_hash``); a newer one stays."""
        ...

    async def add_candidates(self, session_id: str, fragment: str) -> None:
        """Hand a trickle ICE fragment (RFC 8840) to the session's peer.

        Raises :class:`OfferRefused`, :class:`SessionNotFound` or :class:`WorkerLost`.
        """
        ...

    async def watch(self, session_id: str, *, on: bool) -> None:
        """Have what the session sends on its data channels sent to its listeners as well."""
        ...

    def listen(self, session_id: str) -> Listening:
        """Hear what the session says to its client, from now on."""
        ...

    def is_heard(self, session_id: str) -> bool:
        """Whether anybody listens to the session."""
        ...

    async def statuses(self) -> list[SessionStatus]:
        """How each session does at this moment; those of a worker that is silent are left out."""
        ...

    def load(self) -> int:
        """How many sessions are placed now."""
        ...

    def ready(self) -> bool:
        """Whether at least one worker takes sessions."""
        ...

    def reports(self) -> list[WorkerReport]:
        """How the workers do."""
        ...
