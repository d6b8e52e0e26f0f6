"""How far the eyes are open, by the measure of this person."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

from rtc_server.metrics.model import FaceMeasure
from rtc_server.metrics.window import TimedWindow

OPEN_QUANTILE = 0.7
CLOSED_SHARE = 0.25
"""A closed eye's aspect ratio over an open one's, at most: lids keep a rim."""
SLANT = 0.228
"""Depth over width between an eye's corners in the canonical face: the outer one lies deeper."""
MOST_CLOSED_SHARE = 0.4
"""The same of people whose blinks never go lower, at most: lids of a look down end above it."""
BLINKS_SHOW = 4
"""Blinks before they show how far this person's lids close, and how many of the last ones do."""
LAST_BLINKS = 12
LOWEST_BLINKS = 0.25
"""Quantile of their bottoms: at 10 frames a second most are seen on their flank."""
STAYS_CLOSED = 0.15
"""Openness above the limit up to which eyes that are closed stay so: lids tremble."""
TEACHES = 0.5
"""Share of the open level below which an eye is closing and teaches nothing of open."""


@dataclass(frozen=True, slots=True)
class AspectRatios:
    """Both eyes as one; the nearer one takes over as the head turns from 15° to 30°.

    A turned head narrows the eyes in the picture, not their height: that is put right.
    """

    mean: float
    """What blinks are read from: both lids fall at once, and their noise halves."""
    wider: float
    """What closure is read from: eyes are closed when both are."""


def both_ratios(face: FaceMeasure) -> tuple[float, float]:
    """The student's left and right eye, put right for the head's turn."""
    yaw = math.radians(face.head_pose.yaw)
    cos, sin = math.cos(yaw), SLANT * math.sin(yaw)
    return face.left.ear * (cos + sin), face.right.ear * (cos - sin)


def aspect_ratios(face: FaceMeasure, left_out: int | None = None) -> AspectRatios:
    """The aspect ratios of a face's eyes; ``left_out``: the one that is not seen (0 left)."""
    left, right = both_ratios(face)
    if left_out is not None:
        only = (left, right)[1 - left_out]
        return AspectRatios(only, only)
    yaw = face.head_pose.yaw
    turn = min(max((abs(yaw) - 15.0) / 15.0, 0.0), 1.0)
    nearer = left if yaw > 0 else right
    return AspectRatios(
        mean=turn * nearer + (1 - turn) * (left + right) / 2,
        wider=turn * nearer + (1 - turn) * max(left, right),
    )


class Openness:
    """Adapts to narrow, wide and bespectacled eyes: no absolute aspect ratio anywhere."""

    def __init__(self, window: float) -> None:
        """``window``: seconds of open eyes of which the level is learnt."""
        self._open = TimedWindow(window)
        self._taught = 0.0

    @property
    def open_level(self) -> float:
        """Aspect ratio of this person's open eyes; 0 before the first sample."""
        return self._open.quantile(OPEN_QUANTILE) if len(self._open) else 0.0

    def add(self, dt: float, ear: float) -> float:
        """Openness after ``dt`` s with this aspect ratio: 0 closed, 1 open, at most 1.5.

        The window counts the time of open eyes only: however long someone sleeps, closed eyes
        never become the open ones.
        """
        if ear >= TEACHES * self.open_level:
            self._taught += dt
            self._open.add(self._taught, ear)
        level = max(self.open_level, 1e-6)
        closed = CLOSED_SHARE * level
        return min(max((ear - closed) / (level - closed), 0.0), 1.5)

    def clear(self) -> None:
        """Another person or place: learn anew."""
        self._open.clear()
        self._taught = 0.0

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {"open": self._open.snapshot(), "taught": self._taught}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._open.restore(state["open"])
        self._taught = float(state["taught"])


class Closure:
    """Whether the eyes are closed, by how far this person's own blinks close them."""

    def __init__(self, limit: float) -> None:
        """``limit``: openness 0-1 above this person's closed eye."""
        self._limit = limit
        self._bottoms: deque[float] = deque(maxlen=LAST_BLINKS)
        self._closed = False

    @property
    def closed_share(self) -> float:
        """A closed eye's aspect ratio over an open one's."""
        if len(self._bottoms) < BLINKS_SHOW:
            return CLOSED_SHARE
        lowest = sorted(self._bottoms)[int(LOWEST_BLINKS * len(self._bottoms))]
        return min(max(lowest, CLOSED_SHARE), MOST_CLOSED_SHARE)

    def learn(self, bottom: float) -> None:
        """A blink's lowest aspect ratio over the open one."""
        self._bottoms.append(bottom)

    def add(self, ear: float, level: float) -> bool:
        """Whether an eye of this aspect ratio is closed; ``level``: of open ones."""
        closed = self.closed_share * level
        openness = (ear - closed) / max(level - closed, 1e-6)
        self._closed = openness <= self._limit + (STAYS_CLOSED if self._closed else 0.0)
        return self._closed

    def clear(self) -> None:
        """Another person, or another place."""
        self._bottoms.clear()
        self._closed = False

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {"bottoms": [round(bottom, 3) for bottom in self._bottoms], "closed": self._closed}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._bottoms = deque(map(float, state["bottoms"]), maxlen=LAST_BLINKS)
        self._closed = bool(state["closed"])
