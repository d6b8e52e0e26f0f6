"""The attention score: a documented heuristic of geometry, no more.

It says how much the head and the eyes are turned to the screen and open. It makes no claim on
engagement, understanding or emotion.
"""

import math


def exponential_step(value: float, target: float, dt: float, tau: float) -> float:
    """First-order smoothing with time constant ``tau`` s over a step of ``dt`` s."""
    return target + (value - target) * math.exp(-max(dt, 0.0) / tau)


def gaussian(distance: float, sigma: float) -> float:
    """exp(-½(distance/sigma)²)."""
    return math.exp(-0.5 * (distance / sigma) ** 2)


def gaze_term(degrees_outside: float, sigma: float) -> float:
    """1 on the screen, falling with the degrees outside it."""
    return gaussian(degrees_outside, sigma)


def head_term(yaw: float, pitch: float, sigma_yaw: float, sigma_pitch: float) -> float:
    """1 at the neutral pose; degrees from it."""
    return gaussian(yaw, sigma_yaw) * gaussian(pitch, sigma_pitch)


def eyes_term(perclos: float | None, *, closed: bool) -> float:
    """1 up to 10 % of closed time, 0 from 40 % on, 0 while closed for long."""
    if closed:
        return 0.0
    return 1.0 - min(max(((perclos or 0.0) - 0.10) / 0.30, 0.0), 1.0)


def attention(gaze: float, head: float, eyes: float) -> float:
    """The weighted geometric mean of the three terms, 0-1.

    A product and not a sum: eyes that look far off the screen are away however straight the
    head is.
    """
    return gaze**0.45 * head**0.35 * eyes**0.20
