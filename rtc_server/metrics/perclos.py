"""PERCLOS: the share of time with closed eyes (P80; Wierwille et al. 1994)."""

from collections import deque
from typing import Any

SLICE = 1.0
"""Seconds that one entry of the window sums up."""


class Perclos:
    """Share of observed time with closed eyes, over a window and over the session."""

    def __init__(self, window: float, min_closure: float, min_observed: float) -> None:
        """Seconds: of the window, of a closure that counts, before the share is told."""
        self._window = window
        self._min_closure = min_closure
        self._min_observed = min_observed
        self._slices: deque[tuple[float, float, float]] = deque()
        self._observed = 0.0
        self._closed = 0.0
        self._session_observed = 0.0
        self._session_closed = 0.0
        self._run = 0.0

    @property
    def observed(self) -> float:
        """Observed seconds in the window."""
        return self._observed

    @property
    def session_observed(self) -> float:
        """Observed seconds of the session."""
        return self._session_observed

    @property
    def closed_for(self) -> float:
        """Seconds that the eyes have been closed without a break."""
        return self._run

    @property
    def share(self) -> float | None:
        """PERCLOS of the window, 0-1."""
        if self._observed < self._min_observed:
            return None
        return min(max(self._closed / self._observed, 0.0), 1.0)

    @property
    def session_share(self) -> float | None:
        """PERCLOS of the session, 0-1."""
        if self._session_observed < self._min_observed:
            return None
        return self._session_closed / self._session_observed

    def add(self, at: float, dt: float, *, closed: bool) -> None:
        """``dt`` s up to ``at`` s were observed, with the eyes closed or not."""
        counted = self._count(dt) if closed else 0.0
        if not closed:
            self._run = 0.0
        self._append(at, dt, counted)
        self._observed += dt
        self._closed += counted
        self._session_observed += dt
        self._session_closed += counted
        while self._slices[0][0] < at - self._window:
            _, old, old_closed = self._slices.popleft()
            self._observed -= old
            self._closed -= old_closed

    def _append(self, at: float, dt: float, counted: float) -> None:
        if self._slices and at - self._slices[-1][0] < SLICE:
            start, before, closed = self._slices[-1]
            self._slices[-1] = (start, before + dt, closed + counted)
        else:
            self._slices.append((at, dt, counted))

    def _count(self, dt: float) -> float:
        """What this step adds: the whole closure at once when it has become long enough."""
        before, self._run = self._run, self._run + dt
        if self._run < self._min_closure:
            return 0.0
        return dt if before >= self._min_closure else self._run

    def interrupt(self) -> None:
        """The eyes are not seen: a closure does not go on across that."""
        self._run = 0.0

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "slices": [
                (round(at, 3), round(dt, 4), round(shut, 4)) for at, dt, shut in self._slices
            ],
            "session_observed": self._session_observed,
            "session_closed": self._session_closed,
            "run": self._run,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._slices = deque((float(a), float(b), float(c)) for a, b, c in state["slices"])
        self._observed = sum(dt for _, dt, _ in self._slices)
        self._closed = sum(shut for _, _, shut in self._slices)
        self._session_observed = float(state["session_observed"])
        self._session_closed = float(state["session_closed"])
        self._run = float(state["run"])
