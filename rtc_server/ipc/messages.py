"""What front process and media worker tell each other, whatever carries it."""

from dataclasses import dataclass
from typing import Any

from rtc_server.base.config import IceServer
from rtc_server.base.identity import Identity


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
