"""The session's account of time: exact, settled only after dwelling, back-dated."""

from dataclasses import dataclass
from typing import Any

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.accounts import FOCUSED, MICROSECONDS, Accounts, Verdict
from rtc_server.metrics.model import Cause, State

_SLOW = frozenset({Cause.EYES_CLOSED, Cause.NO_FACE})
"""Blinks and glitches of the detector look like these at first: they prove nothing at once."""

_MARKS = (Cause.RECONNECTING, Cause.MUTED, Cause.NO_FRAMES, Cause.HIDDEN, Cause.CALIBRATING)
"""Strongest first: which cause is booked where several hold."""

_CALIBRATING = Verdict.of(Cause.CALIBRATING)
"""A student who calibrates was there and goes on: what held before holds again at its end."""


@dataclass(slots=True)
class _Run:
    """A stretch of pending time with one verdict."""

    verdict: Verdict
    duration: int


def microseconds(seconds: float) -> int:
    """Whole microseconds; what is not finite or negative counts as 0."""
    return round(seconds * MICROSECONDS) if 0 < seconds < float("inf") else 0


class Ledger:
    """Focused + unfocused + unknown + pending = elapsed, in whole µs, at every moment.

    Each advance says what the time up to now looked like. What looks like the settled verdict
    is booked at once; what looks different is pending until it has dwelt long enough, and is
    then booked from where it began, or falls back to the settled verdict.
    """

    def __init__(self, config: MetricsConfig) -> None:
        """An empty account."""
        self._accounts = Accounts(microseconds(config.min_session))
        self._dwell = {
            State.FOCUSED: config.focus_dwell,
            Cause.LOOKING_AWAY: config.unfocus_dwell,
            Cause.FACE_TURNED: config.unfocus_dwell,
            Cause.EYES_CLOSED: config.closed_dwell,
            Cause.NO_FACE: config.no_face_dwell,
        }
        self._unknown_dwell = config.unknown_dwell
        self._glimpse = config.glimpse
        self._majority = config.pending_majority
        self._max_pending = microseconds(config.max_pending)
        self._max_gap = microseconds(config.max_gap)
        self._booked = 0
        self._seen = 0
        """Up to where frames were seen."""
        self._elapsed = 0
        self._settled: Verdict | None = None
        self._pending: list[_Run] = []
        self._confirmed = 0.0
        self._marks: set[Cause] = set()
        self._before: Verdict | None = None
        self._doubt = False

    # ------------------------------------------------------------ what is told

    @property
    def settled(self) -> Verdict | None:
        """The verdict that holds, ``None`` before the first."""
        return self._settled

    @property
    def candidate(self) -> Verdict | None:
        """The verdict that would follow, while time is pending for it."""
        return self._pending[-1].verdict if self._pending else None

    @property
    def marks(self) -> frozenset[Cause]:
        """Why everything is unknown now, if so."""
        return frozenset(self._marks)

    @property
    def accounts(self) -> Accounts:
        """What is settled."""
        return self._accounts

    @property
    def elapsed(self) -> int:
        """µs of all four accounts."""
        return self._elapsed

    @property
    def pending(self) -> int:
        """µs not settled yet."""
        return self._elapsed - self._booked + sum(run.duration for run in self._pending)

    # ------------------------------------------------------------ time goes on

    def advance(self, at: int, verdict: Verdict | None, arrived: int | None = None) -> None:
        """Book the time up to a frame at ``at`` µs as ``verdict``; ``None``: like what was before.

        ``arrived`` ≥ ``at`` is the elapsed time now; what lies between stays pending. A gap between
        two frames that is over the longest is wholly unknown. A moment that has passed changes
        nothing.
        """
        self._go_on(at, verdict)
        self._seen = max(self._seen, at)
        self._elapsed = max(self._elapsed, arrived or 0)

    def allow(self, gap: int) -> None:
        """From now on ``gap`` µs without a frame are not unknown for that alone."""
        self._max_gap = gap

    def mark(self, cause: Cause, at: int) -> None:
        """From ``at`` µs on everything is unknown for this cause."""
        self._go_on(at, None)
        self._marks.add(cause)

    def unmark(self, cause: Cause, at: int) -> None:
        """Up to ``at`` µs it was so, and no longer."""
        self._go_on(at, None)
        self._marks.discard(cause)
        if cause is Cause.CALIBRATING and self._settled == _CALIBRATING:
            self._settled = self._before

    def doubt(self, *, goes_on: bool) -> None:
        """Whether what seems turned away may be somebody who sits like that: it stays pending."""
        self._doubt = goes_on

    def concede(self) -> None:
        """What seemed turned away and is pending was somebody who sits like that."""
        for run in self._pending:
            if run.verdict.cause is Cause.FACE_TURNED:
                run.verdict = FOCUSED
        self._doubt = False

    def finish(self, at: int) -> None:
        """The session ends at ``at`` µs: nothing stays pending."""
        self._go_on(max(at, self._elapsed), None)
        self._fall_back()

    def _go_on(self, at: int, verdict: Verdict | None) -> None:
        """Book up to ``at`` µs, where a frame was seen or the client said something of itself.

        Its word shows nothing: beyond the longest gap after a frame all is unknown, however often
        it speaks meanwhile.
        """
        step = at - self._booked
        if step > 0:
            self._booked = at
            self._take(step, verdict, at - self._seen)
        self._elapsed = max(self._elapsed, self._booked)

    def _take(self, step: int, verdict: Verdict | None, silent: int) -> None:
        forced = self._forced(silent)
        if forced is not None:
            self._settle_at_once(forced, step)
            return
        verdict = verdict or self.candidate or self._settled
        if verdict is None:
            self._settle_at_once(Verdict.of(Cause.NO_FRAMES), step)
        elif verdict == self._settled and not self._pending:
            self._accounts.book(verdict, step)
        else:
            self._suspend(verdict, step)

    def _forced(self, silent: int) -> Verdict | None:
        for cause in _MARKS:
            if cause in self._marks:
                return Verdict.of(cause)
        return Verdict.of(Cause.NO_FRAMES) if silent > self._max_gap else None

    def _settle_at_once(self, verdict: Verdict, step: int) -> None:
        self._fall_back()
        if self._settled != verdict:
            self._before = None if self._is_forced(self._settled) else self._settled
        self._settled = verdict
        self._accounts.book(verdict, step)

    @staticmethod
    def _is_forced(verdict: Verdict | None) -> bool:
        """Whether it said nothing of the student, so that nothing goes on after it."""
        return verdict is not None and verdict.cause in _MARKS

    # ------------------------------------------------------------ pending

    def _suspend(self, verdict: Verdict, step: int) -> None:
        """Keep ``step`` µs pending, until one side has proved itself."""
        if self._pending and self._pending[-1].verdict == verdict:
            self._pending[-1].duration += step
        else:
            self._pending.append(_Run(verdict, step))
        self._confirm(verdict, step)
        winner = self._winner()
        if winner is not None:
            self._resolve(winner)

    def _confirm(self, verdict: Verdict, step: int) -> None:
        """Count what speaks for the settled state since the last thing that did not."""
        if self._settled is None or verdict.state is not self._settled.state:
            self._confirmed = 0.0
            return
        proof = self._glimpse if verdict == self._settled else self._proof(verdict)
        self._confirmed += step / MICROSECONDS / proof

    def _winner(self) -> State | None:
        """The state that the pending time belongs to, once that is clear."""
        if self._settled is not None and self._confirmed >= 1:
            return self._settled.state
        total = sum(run.duration for run in self._pending)
        if self._doubt and total < self._max_pending:
            return None
        state = self._strongest()
        share = sum(run.duration for run in self._pending if run.verdict.state is state) / total
        proved = self._progress(state) >= 1 and share >= self._majority
        return state if proved or total >= self._max_pending else None

    def _strongest(self) -> State:
        """The state among the pending ones, the settled one aside, that is nearest to its proof."""
        states = {run.verdict.state for run in self._pending}
        if self._settled is not None and len(states) > 1:
            states.discard(self._settled.state)
        return max(sorted(states), key=self._progress)

    def _progress(self, state: State) -> float:
        """How far the pending time has proved ``state``: 1 is proved."""
        runs = (run for run in self._pending if run.verdict.state is state)
        return sum(run.duration / MICROSECONDS / self._dwell_of(run.verdict) for run in runs)

    def _fall_back(self) -> None:
        """Nothing was proved: the settled verdict goes on, or the best guess from the start."""
        if self._doubt:
            self.concede()
        if self._pending:
            state = self._strongest() if self._settled is None else self._settled.state
            self._book(self._pending, state)
            self._pending = []
            self._confirmed = 0.0

    def _resolve(self, state: State) -> None:
        """Book the pending time to ``state``; a cause that has just begun stays pending."""
        last = self._pending[-1]
        young = last.verdict.state is state and not self._is_long(last) and len(self._pending) > 1
        self._book(self._pending[:-1] if young else self._pending, state)
        self._pending = [last] if young and last.verdict != self._settled else []
        if young and not self._pending:
            self._accounts.book(last.verdict, last.duration)
        self._confirmed = 0.0

    def _book(self, runs: list[_Run], state: State) -> None:
        """Book ``runs`` to ``state``, long ones to their own cause, and settle on the last."""
        fallback = self._dominant(state, runs)
        self._settled = fallback
        for run in runs:
            if run.verdict.state is state and self._is_long(run):
                self._settled = run.verdict
            own = run.verdict if self._settled == run.verdict else fallback
            self._accounts.book(own, run.duration)

    def _dominant(self, state: State, runs: list[_Run]) -> Verdict:
        """The verdict of ``state`` that stands, or has most of the time."""
        if self._settled is not None and self._settled.state is state:
            return self._settled
        mine = [run for run in runs if run.verdict.state is state]
        return max(mine or self._pending, key=lambda run: run.duration).verdict

    def _is_long(self, run: _Run) -> bool:
        return run.duration / MICROSECONDS >= self._proof(run.verdict)

    def _proof(self, verdict: Verdict) -> float:
        """Seconds after which a cause is believed within its state."""
        return self._dwell_of(verdict) if verdict.cause in _SLOW else self._glimpse

    def _dwell_of(self, verdict: Verdict) -> float:
        return self._dwell.get(verdict.cause or verdict.state, self._unknown_dwell)

    # ------------------------------------------------------------ checkpoints

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state, pending time included."""
        return {
            "accounts": self._accounts.snapshot(),
            "booked": self._booked,
            "seen": self._seen,
            "elapsed": self._elapsed,
            "settled": None if self._settled is None else self._settled.code,
            "pending": [[run.verdict.code, run.duration] for run in self._pending],
            "confirmed": self._confirmed,
            "doubt": self._doubt,
            "marks": sorted(self._marks),
            "before": None if self._before is None else self._before.code,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        settled = state["settled"]
        self._accounts.restore(state["accounts"])
        self._booked = int(state["booked"])
        self._seen = int(state.get("seen", self._booked))  # the first version kept none
        self._elapsed = int(state["elapsed"])
        self._settled = None if settled is None else Verdict.from_code(settled)
        self._pending = [_Run(Verdict.from_code(code), int(us)) for code, us in state["pending"]]
        self._confirmed = float(state["confirmed"])
        self._doubt = bool(state.get("doubt"))  # 0.1 had none
        self._marks = {Cause(cause) for cause in state["marks"]}
        before = state["before"]
        self._before = None if before is None else Verdict.from_code(before)
