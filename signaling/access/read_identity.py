"""Whose session a client asks for."""

from collections.abc import Mapping
from uuid import uuid4

from rtc_server.base.identity import Identity
from signaling.http.errors import BadRequest
from signaling.http.request import MAX_ID_LENGTH, is_id


def read_identity(given: Mapping[str, object], client: str) -> Identity:
    """A new session for the ids in ``given``, which may be texts or numbers.

    Raises :class:`BadRequest` with code ``bad_user_id``, ``bad_module_id`` or ``bad_section_id``.
    """
    section = given.get("section_id")
    return Identity(
        session_id=str(uuid4()),
        user_id=_id(given, "user_id"),
        module_id=_id(given, "module_id"),
        section_id=None if section is None or section == "" else _id(given, "section_id"),
        client=client,
    )


def _id(given: Mapping[str, object], name: str) -> str:
    value = given.get(name, "")
    text = str(value).strip() if isinstance(value, str | int) else ""
    if isinstance(value, bool) or not is_id(text):
        raise BadRequest(f"{name} must have 1 to {MAX_ID_LENGTH} characters", code=f"bad_{name}")
    return text
