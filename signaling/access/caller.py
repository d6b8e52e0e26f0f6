"""Who asks for a session, and from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from rtc_server.base.identity import Identity
from signaling.access.tokens import Grant
from signaling.http.errors import Forbidden, Unauthorized


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks to begin a session, or to send a picture into it."""

    identity: Identity
    """With a session id that is used if a session begins."""
    address: str
    """Of the client, as limits count it. Never logged or stored."""
    grant: Grant | None = None
    """What its token says; ``None`` where none is asked for."""


def granted_identity(grant: Grant, given: Mapping[str, object], client: str) -> Identity:
    """A new session for the student that ``grant`` names.

    Ids in ``given`` may be left out. Others than the token's are an error of the page, or an
    attempt: :class:`Forbidden` with code ``ids_differ``, rather than a record under ids that
    the page did not mean.
    """
    if grant.module_id is None:
        raise Unauthorized("The session token names no module_id.", code="token_invalid")
    identity = Identity(
        session_id=str(uuid4()),
        user_id=grant.user_id,
        module_id=grant.module_id,
        section_id=grant.section_id,
        client=client,
    )
    for name in ("user_id", "module_id", "section_id"):
        value = given.get(name)
        if value is not None and str(value).strip() not in {"", getattr(identity, name)}:
            raise Forbidden(f"{name} is not the session token's", code="ids_differ")
    return identity
