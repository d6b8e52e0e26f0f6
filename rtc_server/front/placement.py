"""What the front process needs of the media workers, wherever they run."""

from typing import Protocol

from rtc_server.base.end_reason import EndReason
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.session.status import SessionStatus


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
