"""Which of both eyes is seen at all: one that never follows the other is left out. Pure.

Hair, a patch or glare on one glass hide an eye, and the mesh draws it open for ever.
"""

from dataclasses import dataclass
from typing import Any

from rtc_server.metrics.window import TimedWindow

RECENT = 0.6
"""Seconds in which lids have fallen that fall in a blink."""
FALLS = 0.65
"""Share of its recent level under which a lid has fallen."""
RECOVERS = 0.8
"""Share of it from which it is up again."""
DEEP = 0.4
"""Share of its recent level that an eye's fall must have to ask for the other's."""
FOLLOWS = 0.3
"""Share of that fall that the other eye must have."""
LONGEST = 0.6
"""Seconds after which a fall is judged although it goes on."""
REFUSALS = 3
"""Falls in a row that an eye must not follow: nobody winks three times between two blinks."""
FRONTAL = 15.0
"""Degrees of yaw from which the farther eye is no measure of anything."""


@dataclass(slots=True)
class _Fall:
    """A lid that is down, and how far both went."""

    since: float
    tops: tuple[float, float]
    bottoms: tuple[float, float]

    def share(self, eye: int) -> float:
        """Share of its level by which that eye fell."""
        return 1.0 - self.bottoms[eye] / max(self.tops[eye], 1e-6)


class EyePair:
    """Watches both eyes' falls; ``0`` is the student's left eye, ``1`` the right one."""

    def __init__(self) -> None:
        self._recent = (TimedWindow(RECENT), TimedWindow(RECENT))
        self._fall: _Fall | None = None
        self._refused = [0, 0]

    @property
    def left_out(self) -> int | None:
        """The eye that tells nothing, if one does."""
        return next((eye for eye in (0, 1) if self._refused[eye] >= REFUSALS), None)

    def add(self, at: float, ratios: tuple[float, float], yaw: float) -> None:
        """Both eyes' aspect ratios at ``at`` s, ``yaw`` degrees turned."""
        if abs(yaw) > FRONTAL:
            self._fall = None
            return
        if self._fall is None:
            self._begin(at, ratios)
        else:
            self._go_on(at, ratios, self._fall)

    def clear(self) -> None:
        """Another person, or another place."""
        self._fall = None
        self._refused = [0, 0]
        for window in self._recent:
            window.clear()

    def _begin(self, at: float, ratios: tuple[float, float]) -> None:
        for window, ratio in zip(self._recent, ratios, strict=True):
            window.add(at, ratio)
        left, right = (window.quantile(1.0) for window in self._recent)
        if ratios[0] < FALLS * left or ratios[1] < FALLS * right:
            self._fall = _Fall(at, (left, right), ratios)

    def _go_on(self, at: float, ratios: tuple[float, float], fall: _Fall) -> None:
        left, right = fall.bottoms
        fall.bottoms = min(left, ratios[0]), min(right, ratios[1])
        up = all(ratios[eye] >= RECOVERS * fall.tops[eye] for eye in (0, 1))
        if up or at - fall.since > LONGEST:
            self._judge(fall)
            self._fall = None
            for window in self._recent:
                window.clear()

    def _judge(self, fall: _Fall) -> None:
        further = 0 if fall.share(0) >= fall.share(1) else 1
        other = 1 - further
        if fall.share(further) < DEEP:
            return
        self._refused[further] = 0
        follows = fall.share(other) >= FOLLOWS * fall.share(further)
        self._refused[other] = 0 if follows else self._refused[other] + 1

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state; a fall that goes on is not worth keeping."""
        return {"refused": list(self._refused)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self.clear()
        self._refused = [int(count) for count in state["refused"]]
