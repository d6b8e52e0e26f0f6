"""Whose session it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A session and the student, module and section it belongs to; ids as text."""

    session_id: str
    """UUID, public."""
    user_id: str
    module_id: str
    section_id: str | None = None
    client: str = "webrtc"
    """How the frames come: ``webrtc``, ``websocket``, ``rest``, ``socketio``."""
