"""The settled part of the ledger: whole microseconds by state and cause."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from rtc_server.metrics.model import Cause, State

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which account a stretch of time belongs to."""

    state: State
    cause: Cause | None = None

    @classmethod
    def of(cls, cause: Cause) -> Self:
        """The verdict that a cause stands for."""
        return cls(cause.state, cause)

    @property
    def code(self) -> str:
        """The cause, or ``focused``; short enough for a snapshot."""
        return (self.cause or self.state).value

    @classmethod
    def from_code(cls, code: str) -> Self:
        """Inverse of :attr:`code`; raises ``ValueError`` for what is none."""
        return cls(State.FOCUSED) if code == State.FOCUSED else cls.of(Cause(code))


FOCUSED = Verdict(State.FOCUSED)


class Accounts:
    """Sums that only grow, and the maximal runs of one state."""

    def __init__(self, min_session_us: int) -> None:
        """``min_session_us``: a run shorter than that is no session."""
        self._min_session = min_session_us
        self._by_code: Counter[str] = Counter()
        self._by_state: Counter[State] = Counter()
        self._sessions: Counter[str] = Counter()
        self._run_state: State | None = None
        self._run = 0

    def book(self, verdict: Verdict, duration: int) -> None:
        """Add ``duration`` µs, in the order of time."""
        if duration <= 0:
            return
        self._by_code[verdict.code] += duration
        self._by_state[verdict.state] += duration
        if verdict.state is not self._run_state:
            self._run_state, self._run = verdict.state, 0
        before, self._run = self._run, self._run + duration
        if before < self._min_session <= self._run:
            self._sessions[verdict.state] += 1

    def total(self, state: State) -> int:
        """µs booked to ``state``."""
        return self._by_state[state]

    def by_cause(self, state: State) -> dict[str, float]:
        """Seconds by cause of ``state``, causes that happened only."""
        verdicts = {code: Verdict.from_code(code) for code in sorted(self._by_code)}
        return {
            code: self._by_code[code] / MICROSECONDS
            for code, verdict in verdicts.items()
            if verdict.state is state and verdict.cause is not None
        }

    def sessions(self, state: State) -> int:
        """Maximal runs of ``state`` that lasted long enough."""
        return self._sessions[state]

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "by_code": dict(self._by_code),
            "sessions": dict(self._sessions),
            "run_state": self._run_state,
            "run": self._run,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._by_code.clear()
        self._by_state.clear()
        for code, duration in state["by_code"].items():
            verdict = Verdict.from_code(code)
            self._by_code[verdict.code] += int(duration)
            self._by_state[verdict.state] += int(duration)
        self._sessions = Counter({State(k): int(v) for k, v in state["sessions"].items()})
        self._run_state = None if state["run_state"] is None else State(state["run_state"])
        self._run = int(state["run"])
