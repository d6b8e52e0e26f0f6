"""A class that never gets tired: sessions as rows, and statuses that move as real ones do."""

import random
from dataclasses import dataclass, replace

from rtc_server.base.config import MetricsConfig
from rtc_server.base.identity import Identity
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, Reading, State
from rtc_server.session.status import WINDOW, SessionStatus, StatusTracker
from rtc_server.store.model import SessionState
from rtc_server.store.store import Store
from tests.fakes.rows import new_session

FPS = 10
WAYS = ("direct", "direct", "direct", "relay", "websocket", "rest")
KINDS: dict[str, tuple[bool | None, Cause | None, float | None, int]] = {
    # is_focused, cause, attention score, mean seconds
    "focused": (True, None, 0.92, 70),
    "away": (False, Cause.LOOKING_AWAY, 0.3, 14),
    "turned": (False, Cause.FACE_TURNED, 0.15, 10),
    "gone": (False, Cause.NO_FACE, 0.0, 12),
    "dark": (None, Cause.LOW_LIGHT, None, 9),
}
AFTER_FOCUS = ("away", "away", "turned", "gone", "dark")


def _empty_room() -> Reading:
    return Meter(MetricsConfig()).observe(Observation(0.0, 0.0, 1))


@dataclass
class Seat:
    """One student, whose readings a dice makes."""

    identity: Identity
    way: str
    chance: random.Random
    began: float
    """Seconds of the session when the class begins to be watched."""

    def __post_init__(self) -> None:
        self._tracker = StatusTracker()
        self._template = _empty_room()
        self._kind = "focused"
        self._until = 0.0
        self._at = 0.0
        self._focused = self._judged = 0.0

    def go_to(self, elapsed: float) -> None:
        """Live on: a frame a second in the past, ten a second in the last five."""
        while self._at < elapsed:
            step = 1.0 if elapsed - self._at > WINDOW else 1 / FPS
            self._at = round(self._at + step, 3)
            self._choose()
            self._tracker.note(self._at, self._reading(step))

    def status(self) -> SessionStatus:
        return self._tracker.status(self.identity, SessionState.LIVE, self.way, self._at)

    def _choose(self) -> None:
        if self._at < self._until:
            return
        self._kind = self.chance.choice(AFTER_FOCUS) if self._kind == "focused" else "focused"
        self._until = self._at + self.chance.expovariate(1 / KINDS[self._kind][3])

    def _reading(self, step: float) -> Reading:
        is_focused, cause, score, _ = KINDS[self._kind]
        self._focused += step * (is_focused is True)
        self._judged += step * (is_focused is not None)
        states = {True: State.FOCUSED, False: State.UNFOCUSED, None: State.UNKNOWN}
        share = 100 * self._focused / self._judged if self._judged else 0.0
        template = self._template
        return replace(
            template,
            is_focused=is_focused,
            state=states[is_focused],
            cause=cause,
            attention_score=score,
            quality=replace(template.quality, ok=is_focused is not None),
            totals=replace(template.totals, total_time=self._judged, focus_percentage=share),
        )


class Classroom:
    """Many seats."""

    def __init__(self, seats: list[Seat]) -> None:
        self.seats = seats
        self._elapsed = 0.0

    @classmethod
    async def open(cls, store: Store, students: int, seed: int = 7) -> "Classroom":
        """Write the rows; two sections, a module for every 28 students."""
        chance = random.Random(seed)
        seats = []
        for number in range(students):
            new = new_session(
                user_id=str(101 + number),
                module_id=str(3 + number // 28),
                section_id=str(1 + number % 2),
            )
            await store.sessions.create(new)
            identity = Identity(new.session_id, new.user_id, new.module_id, new.section_id)
            began = chance.uniform(60, 900)
            seats.append(Seat(identity, chance.choice(WAYS), random.Random(number), began))
        room = cls(seats)
        room.pass_time(0.0)
        return room

    def pass_time(self, seconds: float) -> dict[str, SessionStatus]:
        """So much later; what a placement tells then."""
        self._elapsed += seconds
        for seat in self.seats:
            seat.go_to(seat.began + self._elapsed)
        statuses = (seat.status() for seat in self.seats)
        return {status.session_id: status for status in statuses}
