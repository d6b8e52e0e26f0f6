"""How a session does at this moment, and did in the last minutes: for whoever watches a class.

Pure: time comes with the readings, in seconds since the session's first frame.
"""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass

from rtc_server.base.identity import Identity
from rtc_server.metrics.model import Cause, Reading, State
from rtc_server.store.model import SessionState

STEP = 5.0
"""Seconds that one letter of a trail stands for."""
STEPS = 60
"""Letters of a trail at most: five minutes."""
NOTHING = "."
LETTERS: dict[bool | None, str] = {True: "f", False: "u", None: "n"}
"""Focused, unfocused, not known; ``.`` where no frame came at all."""
WINDOW = 5.0
"""Seconds over which frames are counted."""
SILENCE = 2.0
"""Seconds without a frame after which nothing is known of the moment."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """One session at one moment; numbers rounded to what they are worth."""

    session_id: str
    state: SessionState
    way: str | None
    """How the frames come now: ``direct``, ``relay``, ``websocket``, ``rest``, ``socketio``."""
    elapsed: float
    """Seconds since the first frame."""
    account: State | None
    """What the time is booked as at this moment; ``None`` before the first frame."""
    cause: Cause | None
    score: float | None
    """Attention score, 0-1."""
    gaze: str | None
    """The gaze's direction, from the student's side."""
    focus_percentage: float | None
    """Of the judged time so far; ``None`` while there is none."""
    fps: float | None
    """Frames a second in the last five; ``None`` where that is not known here."""
    usable: float | None
    """Share of them that were good enough to tell; ``None`` where there were none."""
    trail: str
    """The last five minutes, a letter for five seconds, the newest last: see :data:`LETTERS`."""


class FocusTrail:
    """What the last minutes were, step by step."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._steps: dict[int, Counter[str]] = {}

    def note(self, elapsed: float, *, is_focused: bool | None) -> None:
        """One frame; frames come in the order of time."""
        step = int(elapsed / STEP)
        if step not in self._steps:
            self._steps[step] = Counter()
            for old in [each for each in self._steps if each <= step - STEPS]:
                del self._steps[old]
        self._steps[step][LETTERS[is_focused]] += 1

    def text(self, elapsed: float) -> str:
        """The trail up to ``elapsed`` s, from the session's begin on."""
        last = int(elapsed / STEP)
        return "".join(self._letter(step) for step in range(max(0, last - STEPS + 1), last + 1))

    def _letter(self, step: int) -> str:
        counts = self._steps.get(step)
        return counts.most_common(1)[0][0] if counts else NOTHING


class StatusTracker:
    """Keeps of a session's readings what a status tells."""

    def __init__(self) -> None:
        """No frame has come."""
        self._trail = FocusTrail()
        self._frames: deque[tuple[float, bool]] = deque()
        self._last: Reading | None = None
        self._last_at = 0.0

    def note(self, elapsed: float, reading: Reading) -> None:
        """One analysed frame."""
        self._trail.note(elapsed, is_focused=reading.is_focused)
        self._frames.append((elapsed, reading.quality.ok))
        self._forget(elapsed)
        self._last, self._last_at = reading, elapsed

    def status(
        self,
        identity: Identity,
        state: SessionState,
        way: str | None,
        elapsed: float,
        quiet: Collection[Cause] = (),
    ) -> SessionStatus:
        """The session at ``elapsed`` s; ``quiet``: why no frames are expected, if so."""
        self._forget(elapsed)
        last, number = self._last, len(self._frames)
        cause = self._silence(state, elapsed, quiet)
        account = _account(last, cause)
        watched = last is not None and cause is None
        return SessionStatus(
            session_id=identity.session_id,
            state=state,
            way=way,
            elapsed=round(elapsed, 1),
            account=account,
            cause=cause or _cause(last, account),
            score=_rounded(last.attention_score) if last and watched else None,
            gaze=last.gaze_direction if last and watched else None,
            focus_percentage=_percentage(last),
            fps=round(number / min(WINDOW, max(elapsed, 1.0)), 1),
            usable=round(sum(ok for _, ok in self._frames) / number, 2) if number else None,
            trail=self._trail.text(elapsed) if last else "",
        )

    def _forget(self, elapsed: float) -> None:
        while self._frames and self._frames[0][0] <= elapsed - WINDOW:
            self._frames.popleft()

    def _silence(
        self, state: SessionState, elapsed: float, quiet: Collection[Cause]
    ) -> Cause | None:
        """Why the last reading says nothing of this moment, if so."""
        if self._last is None:
            return None
        if state is SessionState.RECONNECTING:
            return Cause.RECONNECTING
        if Cause.MUTED in quiet:
            return Cause.MUTED
        if elapsed - self._last_at <= SILENCE:
            return None
        return next(iter(quiet), Cause.NO_FRAMES)


def _account(last: Reading | None, silence: Cause | None) -> State | None:
    if last is None:
        return None
    if silence is not None or last.is_focused is None:
        return State.UNKNOWN
    return State.FOCUSED if last.is_focused else State.UNFOCUSED


def _cause(last: Reading | None, account: State | None) -> Cause | None:
    """The reading's cause, where it belongs to the account that holds."""
    cause = None if last is None else last.cause
    return cause if cause is not None and cause.state is account else None


def _percentage(last: Reading | None) -> float | None:
    if last is None or not last.totals.total_time:
        return None
    return round(last.totals.focus_percentage, 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
