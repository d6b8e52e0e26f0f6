"""The attention score: a documented heuristic of geometry, no more.

It says how much the head and the eyes are turned to the screen and open. It makes no claim on
engagement, understanding or emotion.
"""

import math
from typing import Any

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.gaze import Offset
from rtc_server.metrics.model import HeadPose

GAZE_SHARE, HEAD_SHARE, EYES_SHARE = 0.45, 0.35, 0.20
PERCLOS_GOOD, PERCLOS_BAD = 0.10, 0.40


def gaussian(distance: float, sigma: float) -> float:
    """exp(-½(distance/sigma)²)."""
    return math.exp(-0.5 * (distance / sigma) ** 2)


def gaze_term(config: MetricsConfig, gaze: Offset) -> float:
    """1 on the screen, falling with the degrees outside it."""
    return gaussian(gaze.outside(config.screen_half_x, config.screen_half_y), config.gaze_sigma)


def head_term(config: MetricsConfig, head: HeadPose) -> float:
    """1 at the neutral pose; ``head`` in degrees from it."""
    yaw = gaussian(head.yaw, config.head_sigma_yaw)
    return yaw * gaussian(head.pitch, config.head_sigma_pitch)


def eyes_term(perclos: float | None, *, closed: bool) -> float:
    """1 up to 10 % of closed time, falling to 0 at 40 %; 0 while closed for long."""
    if closed:
        return 0.0
    share = ((perclos or 0.0) - PERCLOS_GOOD) / (PERCLOS_BAD - PERCLOS_GOOD)
    return 1.0 - min(max(share, 0.0), 1.0)


def attention(gaze: float, head: float, eyes: float) -> float:
    """The weighted geometric mean of the three terms, 0-1.

    A product and not a sum: eyes far off the screen are away however straight the head is.
    """
    return math.pow(gaze, GAZE_SHARE) * math.pow(head, HEAD_SHARE) * math.pow(eyes, EYES_SHARE)


class Smoothed:
    """A first-order low-pass over time; what is not known is left out."""

    def __init__(self, tau: float) -> None:
        """``tau``: seconds."""
        self._tau = tau
        self.value: float | None = None

    def add(self, dt: float, value: float) -> float:
        """``value`` held for ``dt`` s."""
        if self.value is None:
            self.value = value
        else:
            self.value = value + (self.value - value) * math.exp(-max(dt, 0.0) / self._tau)
        return self.value

    def clear(self) -> None:
        """Begin anew."""
        self.value = None

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {"value": self.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self.value = state["value"]
