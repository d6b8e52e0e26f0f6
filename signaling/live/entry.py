"""One session as whoever watches it is told: who, how it does now, and how it did lately."""

from dataclasses import asdict
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from rtc_server.metrics.model import Cause, State
from rtc_server.session.status import SessionStatus
from rtc_server.store.model import SessionRow, SessionState


class LiveSession(BaseModel):
    """One session at one moment; durations in seconds, times in UTC epoch seconds."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    session_id: str
    user_id: str
    module_id: str
    section_id: str | None
    started_at: float
    state: SessionState
    end_reason: str | None
    transport: str | None
    """What carries it.

    ``direct``, ``direct-tcp``, ``relay``, ``websocket``, ``rest`` or ``socketio``; ``webrtc``: not
    known yet.
    """
    way: str | None
    """The older name of ``transport``."""
    elapsed: float | None
    account: State | None
    """What the moment is booked as; ``null`` before the first frame and after the end."""
    cause: Cause | None
    score: float | None
    gaze: str | None
    focus_percentage: float | None
    fps: float | None
    usable: float | None
    """Share of the last frames that could be judged."""
    trail: str
    """The last five minutes, a letter for five seconds: ``f u n .``."""


class LiveRound(BaseModel):
    """What is new since the round before."""

    at: float
    sessions: list[LiveSession]


class Entry:
    """A session's row with what is known of its present moment."""

    def __init__(self, row: SessionRow, status: SessionStatus | None) -> None:
        """``status``: ``None`` where nothing is known but what was stored."""
        self.session_id = row.session_id
        self.module_id = row.module_id
        ended = row.state is SessionState.ENDED
        self._state = row.state if ended or status is None else status.state
        self._row = row
        self._status = None if ended else status

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to come."""
        return self._state is SessionState.ENDED

    @cached_property
    def text(self) -> str:
        """:meth:`told` as JSON: made once, for however many watch."""
        return self.told().model_dump_json()

    def told(self) -> LiveSession:
        """What those who watch get."""
        now = NOTHING if self._status is None else asdict(self._status)
        row = self._row
        whose = {
            "session_id": row.session_id,
            "user_id": row.user_id,
            "module_id": row.module_id,
            "section_id": row.section_id,
            "started_at": row.started_at,
            "end_reason": row.end_reason,
        }
        return LiveSession.model_validate(
            {**now, **whose, "state": self._state, "transport": now["way"]}
        )


NOTHING = {
    **dict.fromkeys(
        ("way", "elapsed", "account", "cause", "score", "gaze", "focus_percentage", "fps", "usable")
    ),
    "trail": "",
}
