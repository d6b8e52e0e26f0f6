"""Sessions and records to put into a store."""

import hashlib
import uuid

from rtc_server.store import MakeDelivery, NewDelivery, NewSession, Store
from rtc_server.store.model import SessionRow, SessionState


def new_session(**changes: object) -> NewSession:
    """A student's session; ``changes`` by the names of the fields."""
    session_id = str(uuid.uuid4())
    fields = {
        "session_id": session_id,
        "user_id": "17",
        "module_id": "3",
        "section_id": None,
        "resource_hash": hashlib.sha256(session_id.encode()).hexdigest(),
        "resume_hash": None,
        "client": "webrtc",
        "worker": "worker-1",
    }
    return NewSession(**{**fields, **changes})  # type: ignore[arg-type] # by name


def new_delivery(seq: int = 1, mode: str = "summary", **record: object) -> MakeDelivery:
    """A record; the store does not look into it."""
    delivery = NewDelivery(seq, mode, record, totals={"focused_time": float(seq)})
    return lambda _: delivery


async def created(store: Store, **changes: object) -> str:
    """The id of a session that was just created."""
    new = new_session(**changes)
    await store.sessions.create(new)
    return new.session_id


def stored_row(session_id: str) -> SessionRow:
    """A live session as the store gives it."""
    return SessionRow(
        session_id=session_id,
        user_id="17",
        module_id="3",
        section_id=None,
        state=SessionState.LIVE,
        epoch=1,
        worker="worker-1",
        resource_hash=hashlib.sha256(session_id.encode()).hexdigest(),
        resume_hash=None,
        client="webrtc",
        started_at=0.0,
        updated_at=0.0,
        deadline_at=None,
        ended_at=None,
        end_reason=None,
        summary=None,
        record_seq=0,
        recorded=None,
    )
