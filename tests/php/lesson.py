"""A session whose account is dictated, with its records as the service makes them."""

from typing import Any, Literal

from rtc_server.base.clock import SystemClock
from rtc_server.base.end_reason import EndReason
from rtc_server.base.identity import Identity
from rtc_server.delivery.record import Record
from rtc_server.store import MakeDelivery, NewDelivery, SessionRow, SessionState, Store
from tests.fakes.rows import new_session

Mode = Literal["summary", "upsert", "delta"]


class Lesson:
    """One session of a student, from its row to its end."""

    def __init__(self, store: Store, mode: Mode = "summary", user_id: str = "17") -> None:
        self._store = store
        self._new = new_session(user_id=user_id, section_id="5")
        identity = Identity(self.session_id, user_id, "3", "5", "webrtc")
        self._record = Record(identity, mode)
        self._mode = mode

    @property
    def session_id(self) -> str:
        return self._new.session_id

    async def begin(self) -> None:
        await self._store.sessions.create(self._new)

    async def go_on(self, focused: float, unfocused: float) -> None:
        await self._store.sessions.checkpoint(
            self.session_id,
            1,
            state=SessionState.LIVE,
            snapshot={},
            expires_in=None,
            delivery=self._delivery(_account(focused, unfocused), None),
        )

    async def end(self, focused: float, unfocused: float) -> None:
        account = _account(focused, unfocused)
        delivery = self._delivery(account, EndReason.CLIENT_BYE)
        await self._store.sessions.end(self.session_id, 1, EndReason.CLIENT_BYE, account, delivery)

    def _delivery(self, account: dict[str, Any], reason: EndReason | None) -> MakeDelivery:
        def make(row: SessionRow) -> NewDelivery:
            seq = row.record_seq + 1
            body = self._record.build(
                account,
                seq=seq,
                at=SystemClock().now(),
                end_reason=reason,
                previous=row.recorded,
            )
            return NewDelivery(seq, self._mode, body, account)

        return make


def _account(focused: float, unfocused: float) -> dict[str, Any]:
    total = focused + unfocused
    return {
        "elapsed": total + 9.0,
        "focused_time": focused,
        "unfocused_time": unfocused,
        "unknown_time": 9.0,
        "total_time": total,
        "focus_percentage": 100 * focused / total,
        "focus_sessions": 2,
        "unfocus_sessions": 1,
        "unfocused_by_cause": {"looking_away": unfocused},
        "unknown_by_cause": {"no_frames": 9.0},
        "blink_count": 12,
        "blink_rate": 14.0,
        "perclos": 0.02,
        "frames_processed": 600,
        "detection_rate": 0.9,
    }
