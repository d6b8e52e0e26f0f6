"""Sessions that this process's placement does not reach: as far as their checkpoints tell."""

from rtc_server.metrics.model import Cause, State
from rtc_server.session.status import STEP, STEPS, FocusTrail, SessionStatus
from rtc_server.store.model import Sample, SessionRow, SessionState
from rtc_server.store.store import Store

SECONDS = int(STEP * STEPS)
ACCOUNTS = {True: State.FOCUSED, False: State.UNFOCUSED, None: State.UNKNOWN}


class StoredStatuses:
    """Made of stored samples, which are written every ten seconds."""

    def __init__(self, store: Store) -> None:
        """Other front processes write the same ``store``."""
        self._store = store
        self._known: dict[str, tuple[float, list[Sample]]] = {}

    async def statuses(self, rows: list[SessionRow], now: float) -> list[SessionStatus]:
        """How ``rows`` do at ``now`` (UTC epoch seconds); only what has changed is read."""
        stale = [row.session_id for row in rows if self._is_stale(row)]
        read = await self._store.samples.newest(stale, SECONDS) if stale else {}
        self._known = {
            row.session_id: (row.updated_at, read[row.session_id])
            if row.session_id in read
            else self._known[row.session_id]
            for row in rows
        }
        return [_status(row, self._known[row.session_id][1], now) for row in rows]

    def _is_stale(self, row: SessionRow) -> bool:
        known = self._known.get(row.session_id)
        return known is None or known[0] != row.updated_at


def _status(row: SessionRow, samples: list[Sample], now: float) -> SessionStatus:
    last = samples[-1] if samples else None
    elapsed = 0.0 if last is None else last.second + max(0.0, now - row.updated_at)
    trail = FocusTrail()
    for sample in samples:
        trail.note(sample.second, is_focused=sample.data.get("is_focused"))
    focused = None if last is None else last.data.get("is_focused")
    return SessionStatus(
        session_id=row.session_id,
        state=row.state,
        way=row.client,
        elapsed=round(elapsed, 1),
        account=None if last is None else ACCOUNTS[focused],
        cause=_cause(row, last),
        score=None if last is None else last.data.get("attention_score"),
        gaze=None if last is None else last.data.get("gaze_direction"),
        focus_percentage=None,
        fps=None,
        usable=None,
        trail=trail.text(elapsed) if samples else "",
    )


def _cause(row: SessionRow, last: Sample | None) -> Cause | None:
    if row.state is SessionState.RECONNECTING:
        return Cause.RECONNECTING
    told = None if last is None else last.data.get("cause")
    return next((cause for cause in Cause if cause == told), None)
