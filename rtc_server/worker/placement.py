"""What the front process needs of the media workers, wherever they run."""

from dataclasses import dataclass
from typing import Protocol

from rtc_server.identity import Identity
from rtc_server.reason import EndReason


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A client's offer for a session, new or resumed."""

    identity: Identity
    offer: str
    resource_hash: str
    """SHA-256 of the secret in the resource URL."""
    resume_hash: str
    """SHA-256 of the token that continues the session on a new connection."""
    resumed: bool = False


class Placement(Protocol):
    """Puts sessions on media workers and reaches them there."""

    async def open(self, request: OpenRequest) -> str:
        """Open or resume the session on a worker and return the SDP answer.

        Raises :class:`OfferRefused`, :class:`Overloaded`, :class:`StoreError` or
        :class:`WorkerLost`.
        """
        ...

    async def end(self, session_id: str, reason: EndReason) -> None:
        """End the session wherever it runs; raises :class:`SessionNotFound`."""
        ...

    def load(self) -> int:
        """How many sessions are placed now."""
        ...

    def ready(self) -> bool:
        """Whether at least one worker takes sessions."""
        ...
