"""From the parts of a meter to what it tells."""

from typing import Any

from rtc_server.metrics.accounts import MICROSECONDS, Verdict
from rtc_server.metrics.eyes import Eyes
from rtc_server.metrics.ledger import Ledger
from rtc_server.metrics.model import Cause, Direction, SessionSummary, State, Totals


class Tally:
    """Counts over the frames."""

    def __init__(self) -> None:
        self.frames = 0
        self.detected = 0
        self._score_time = 0.0
        self._score_sum = 0.0
        self._looks: dict[Direction, float] = {}
        """Seconds by direction of the gaze."""

    def add(self, *, detected: bool) -> None:
        """One frame."""
        self.frames += 1
        self.detected += detected

    def score(self, dt: float, value: float) -> None:
        """An attention score that held for ``dt`` s."""
        self._score_time += dt
        self._score_sum += dt * value

    def look(self, dt: float, direction: Direction) -> None:
        """A gaze that was seen for ``dt`` s."""
        self._looks[direction] = self._looks.get(direction, 0.0) + dt

    @property
    def directions(self) -> dict[str, float]:
        """Share 0-1 of the time with a gaze that each direction had; empty before there is one."""
        seen = sum(self._looks.values())
        if not seen:
            return {}
        return {each.value: self._looks.get(each, 0.0) / seen for each in Direction}

    @property
    def attention(self) -> float | None:
        """Mean score over the time that had one."""
        return self._score_sum / self._score_time if self._score_time else None

    @property
    def detection_rate(self) -> float:
        """Percent of the frames in which a face was found."""
        return 100 * self.detected / self.frames if self.frames else 0.0

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "frames": self.frames,
            "detected": self.detected,
            "score_time": self._score_time,
            "score_sum": self._score_sum,
            "looks": {each.value: seconds for each, seconds in self._looks.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self.frames = int(state["frames"])
        self.detected = int(state["detected"])
        self._score_time = float(state["score_time"])
        self._score_sum = float(state["score_sum"])
        self._looks = {Direction(each): float(dt) for each, dt in state.get("looks", {}).items()}


def totals(ledger: Ledger, tally: Tally, elapsed: int) -> Totals:
    """The account at ``elapsed`` µs, or where the ledger stands if that is later."""
    accounts = ledger.accounts
    elapsed = max(elapsed, ledger.elapsed)
    focused, unfocused, unknown = (
        accounts.total(state) for state in (State.FOCUSED, State.UNFOCUSED, State.UNKNOWN)
    )
    known = focused + unfocused
    return Totals(
        elapsed=elapsed / MICROSECONDS,
        focused_time=focused / MICROSECONDS,
        unfocused_time=unfocused / MICROSECONDS,
        unknown_time=unknown / MICROSECONDS,
        pending_time=(elapsed - known - unknown) / MICROSECONDS,
        total_time=known / MICROSECONDS,
        focus_percentage=100 * focused / known if known else 0.0,
        focus_sessions=accounts.sessions(State.FOCUSED),
        unfocus_sessions=accounts.sessions(State.UNFOCUSED),
        frames_processed=tally.frames,
        detection_rate=tally.detection_rate,
    )


def summary(ledger: Ledger, tally: Tally, eyes: Eyes, elapsed: int) -> SessionSummary:
    """The session's account at ``elapsed`` µs."""
    account = totals(ledger, tally, elapsed)
    return SessionSummary(
        elapsed=account.elapsed,
        focused_time=account.focused_time,
        unfocused_time=account.unfocused_time,
        unknown_time=account.unknown_time,
        pending_time=account.pending_time,
        total_time=account.total_time,
        focus_percentage=account.focus_percentage,
        focus_sessions=account.focus_sessions,
        unfocus_sessions=account.unfocus_sessions,
        unfocused_by_cause=ledger.accounts.by_cause(State.UNFOCUSED),
        unknown_by_cause=ledger.accounts.by_cause(State.UNKNOWN),
        blink_count=len(eyes.blinks),
        blink_rate=eyes.session_blink_rate(),
        perclos=eyes.perclos.session_share,
        frames_processed=account.frames_processed,
        detection_rate=account.detection_rate,
        attention_score=tally.attention,
        gaze_directions=tally.directions,
    )


_LOOKING = {
    Direction.CENTER: "centered",
    Direction.LEFT: "looking_left",
    Direction.RIGHT: "looking_right",
    Direction.UP: "looking_up",
    Direction.DOWN: "looking_down",
}


def old_label(verdict: Verdict | None, direction: Direction | None) -> str:
    """What the deployed service would have called this."""
    if verdict is None or verdict.state is State.UNKNOWN:
        return "error"
    if verdict.cause in {Cause.FACE_TURNED, Cause.EYES_CLOSED, Cause.NO_FACE}:
        return str(verdict.cause)
    if verdict.cause is Cause.LOOKING_AWAY and direction in {None, Direction.CENTER}:
        return "distracted"
    return _LOOKING[direction or Direction.CENTER]
