"""What the store takes and gives. Times are UTC epoch seconds, ids are strings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class SessionState(StrEnum):
    """Where a session is in its life; ``ended`` is final."""

    NEW = "new"
    CONNECTING = "connecting"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """Where a record is on its way to the site; ``delivered`` and ``buried`` are final."""

    PENDING = "pending"
    LEASED = "leased"
    """A forwarder is at it; when its lease dies, another takes over."""
    UNCERTAIN = "uncertain"
    """Sent, never answered, on an endpoint that knows no key: a person decides."""
    DELIVERED = "delivered"
    BURIED = "buried"
    """Given up; listed, and may be sent again."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is known of a session before its offer is answered."""

    session_id: str
    """A UUID in its 36-character form; public."""
    user_id: str
    module_id: str
    section_id: str | None
    resource_hash: str
    """SHA-256 (hex) of the resource URL's secret; the secret itself is not stored."""
    resume_hash: str | None
    client: str
    """How the frames come: ``webrtc``, ``websocket``, ``rest``, ``socketio``."""
    worker: str | None = None
    expires_in: float | None = None
    """Seconds after which others may end it, unless it is written again."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as stored."""

    session_id: str
    user_id: str
    module_id: str
    section_id: str | None
    state: SessionState
    epoch: int
    """Counts its holders; only the newest may write."""
    worker: str | None
    resource_hash: str
    resume_hash: str | None
    client: str
    started_at: float
    updated_at: float
    deadline_at: float | None
    """When others may end it, unless it is written before."""
    ended_at: float | None
    end_reason: str | None
    summary: dict[str, Any] | None
    record_seq: int
    """``seq`` of the last record put into the outbox; 0 before the first."""
    recorded: dict[str, Any] | None
    """The summary that record was made of: what a ``delta`` counts from."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A session taken over: the row with its new epoch, and where its account stood."""

    row: SessionRow
    checkpoint: dict[str, Any] | None
    unreadable: bool = False
    """There is a checkpoint that is no JSON object."""
    age: float = 0.0
    """Seconds since the checkpoint."""
    held_for: float = 0.0
    """Seconds from the checkpoint until its holder was last known to live."""
    certain: bool = True
    """Whether both were told by one clock, which no machine's jump can have changed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The metrics of one second."""

    second: int
    """Whole seconds since the session's first frame."""
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A record for the site, to be stored with what it is made of."""

    seq: int
    """1, 2, … within its session."""
    mode: str
    """``summary``, ``upsert`` or ``delta``."""
    record: dict[str, Any]
    """The JSON body."""
    totals: dict[str, Any]
    """The summary that the record is made of; kept as ``SessionRow.recorded``."""


MakeDelivery = Callable[[SessionRow], NewDelivery | None]
"""Makes the record of a session from its row, inside the transaction that stores both: so
``seq`` and what a ``delta`` counts from are right even after a commit whose answer got lost."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record in the outbox."""

    id: int
    session_id: str
    seq: int
    mode: str
    record: dict[str, Any]
    state: DeliveryState
    attempts: int
    """How often it was leased for sending."""
    created_at: float
    queued_at: float
    """When trying began: at creation, or when a person had it sent again."""
    due_at: float
    """Pending: not before. Leased: when the lease dies."""
    refused_since: float | None
    """Since when the endpoint answers that it does not take it."""
    unanswered: bool
    """It may have been applied although no answer came."""
    lease_owner: str | None
    settled_at: float | None
    last_error: str | None
    leased_at: float = field(default=0.0, compare=False)
    """When it was taken, by the clock that stamped the other times."""
    unreadable: bool = False
    """Its row holds what this version cannot read: it is set aside, never sent."""

    @property
    def idempotency_key(self) -> str:
        """The same at every attempt, different for every record."""
        return f"{self.session_id}:{self.seq}"
