"""What became of one attempt to deliver a record. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The endpoint has stored it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The endpoint answered in the 200s or 300s, but not that it stored the record."""

    error: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The endpoint answered with an error status."""

    status: int
    error: str
    retry_after: float | None = None
    """Seconds that the endpoint asks to wait."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """No connection: certainly not applied."""

    error: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Sent, or partly sent, and no intelligible answer: may have been applied."""

    error: str


Outcome = Accepted | Refused | Rejected | NotSent | Unanswered
