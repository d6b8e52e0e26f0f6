"""Whether the face that is seen lives: a poster, a held photo and a statue never blink or look.

Pure. The limits lie between what codecs and a shaking hand make of a picture (lids by 0.14 of the
open level, irises by 0.09 cm within three seconds) and what people do within half a minute.
"""

from dataclasses import dataclass
from statistics import median
from typing import Any

from rtc_server.metrics.model import FaceMeasure
from rtc_server.metrics.window import TimedWindow

SPAN = 3.0
"""Seconds in which something must move."""
LIDS = 0.25
"""Share of the open level by which lids move in the shallowest blink that counts."""
IRIS = 0.1
"""Centimetres that an iris moves in a saccade of five degrees."""
STEADY = 3
"""Frames whose median is one place of the iris: landmarks tremble."""
STILL = 6.0
"""Degrees by which the head may turn meanwhile: landmarks slide over one that turns further."""
DEEP_BLINK = 0.7
"""Share of the open level under which lids go in a blink that no waved photo shows."""
JUMP = 1.5
"""Distances between the eyes that no head moves from one frame to the next."""
SHRUNK = 0.7
"""Share of the last size at which it is another face, further back."""
GONE = 3.0
"""Seconds within which what was behind the student is found."""
NEXT = 0.4
"""Seconds between two frames that still follow each other."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a face was."""

    at: float
    x: float
    y: float
    size: float

    def is_behind(self, old: "_Place") -> bool:
        """Whether this is another face, further back than the one that was there."""
        gap = self.at - old.at
        if self.size < SHRUNK * old.size:
            return gap <= GONE
        aside = abs(self.x - old.x) + abs(self.y - old.y) > JUMP * old.size
        return aside and gap <= NEXT and self.size < old.size

    def is_in_front(self, old: "_Place") -> bool:
        """Whether it is another one, nearer to the camera."""
        return SHRUNK * self.size > old.size


class Liveness:
    """Asks each face for a proof of life, and again when it has shown none for long."""

    def __init__(self, patience: float) -> None:
        """``patience``: seconds without a proof after which a face is none of a living person."""
        self._patience = patience
        self._ratio = TimedWindow(SPAN)
        self._iris = TimedWindow(SPAN)
        self._yaw = TimedWindow(SPAN)
        self._pitch = TimedWindow(SPAN)
        self._last_irises: list[float] = []
        self._unproved = 0.0
        self._place: _Place | None = None
        self._stranger = False

    @property
    def is_alive(self) -> bool:
        """Whether there was a proof of late, or too little time for one."""
        return self._unproved <= self._patience

    @property
    def is_stranger(self) -> bool:
        """Whether this face was behind the student, who left, and has shown no life yet."""
        return self._stranger

    def expect(self, dt: float) -> None:
        """``dt`` s in which a living person at the screen would have blinked or looked about."""
        self._unproved += dt

    def add(self, at: float, face: FaceMeasure, openness: float) -> None:
        """A face at ``at`` s with ``openness`` of the eyes."""
        self._follow(at, face)
        iris = (face.left.iris_x + face.right.iris_x) / 2
        self._last_irises = [*self._last_irises[1 - STEADY :], iris]
        self._ratio.add(at, openness)
        self._iris.add(at, median(self._last_irises))
        self._yaw.add(at, face.head_pose.yaw)
        self._pitch.add(at, face.head_pose.pitch)
        if self._moves():
            self.prove()

    def prove(self) -> None:
        """This face has blinked or looked about."""
        self._unproved = 0.0
        self._stranger = False

    def _follow(self, at: float, face: FaceMeasure) -> None:
        x, y, _ = face.position
        size = face.inter_ocular_px
        place = _Place(at, x * size / _OUTER_CORNERS_CM, y * size / _OUTER_CORNERS_CM, size)
        if self._place is not None and place.is_behind(self._place):
            self._clear_windows()
            self._stranger = True
        elif self._place is not None and place.is_in_front(self._place):
            self._clear_windows()
            self._stranger = False
        self._place = place

    def _moves(self) -> bool:
        if len(self._ratio) < STEADY or _range(self._yaw) + _range(self._pitch) > STILL:
            return False
        return _range(self._ratio) >= LIDS or _range(self._iris) >= IRIS

    def clear(self) -> None:
        """Nobody is there, or somebody else."""
        self._clear_windows()
        self._unproved = 0.0
        self._place = None
        self._stranger = False

    def _clear_windows(self) -> None:
        for window in (self._ratio, self._iris, self._yaw, self._pitch):
            window.clear()
        self._last_irises.clear()

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state; the last three seconds are not worth keeping."""
        return {"unproved": self._unproved, "stranger": self._stranger}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self.clear()
        self._unproved = float(state["unproved"])
        self._stranger = bool(state["stranger"])


_OUTER_CORNERS_CM = 8.9
"""Between the outer corners of the eyes, as in the canonical face."""


def _range(window: TimedWindow) -> float:
    return window.quantile(1.0) - window.quantile(0.0)
