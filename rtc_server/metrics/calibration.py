"""Nine points on the screen: few parameters, with priors, for where someone looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from rtc_server.metrics.gaze import WEIGHTS_X, WEIGHTS_Y, Gaze, Point

WEIGHT_SPREAD = 0.4
"""Standard deviation of the weights between people."""
NOISE_X, NOISE_Y = 2.5, 3.0
"""Standard deviation in centimetres of one fixation."""
OUTLIER = 1.5
"""Noises from which a fixation counts less: people blink and wander."""
PASSES = 8
MAX_POINTS = 32
"""That are kept, the newest; a page shows nine. Each costs a line of every checkpoint."""
MIN_POINTS_FOR_WEIGHTS = 5
"""Fewer points settle the bias only."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One axis: weights of the terms, and the bias in centimetres."""

    weights: tuple[float, ...]
    bias: float

    @property
    def parameters(self) -> list[float]:
        """All of them, the bias last."""
        return [round(value, 4) for value in (*self.weights, self.bias)]


def fit_axis(
    terms: Sequence[Sequence[float]],
    targets: Sequence[float],
    prior: Sequence[float],
    noise: float,
) -> Fit:
    """Maximum a posteriori, robust by iterated weights (Huber 1964).

    ``terms``: (n, k) centimetres, ``targets``: (n,) centimetres, ``prior``: (k,) the weights
    of people at large. The bias is free.
    """
    x, y, w = (np.asarray(a, dtype=np.float64) for a in (terms, targets, prior))
    precision = np.eye(len(prior)) / WEIGHT_SPREAD**2
    if len(y) < MIN_POINTS_FOR_WEIGHTS:
        precision *= 1e6
    trust = np.ones(len(y))
    fitted, bias = w, 0.0
    for _ in range(PASSES):
        x_mean, y_mean = trust @ x / trust.sum(), trust @ y / trust.sum()
        centered = (x - x_mean) * trust[:, None]
        rest = (y - y_mean) - (x - x_mean) @ w
        normal = centered.T @ (x - x_mean) / noise**2 + precision
        fitted = w + np.linalg.solve(normal, centered.T @ rest / noise**2)
        bias = float(y_mean - x_mean @ fitted)
        trust = 1 / np.maximum(np.abs(y - x @ fitted - bias) / (OUTLIER * noise), 1.0)
    return Fit(tuple(fitted.tolist()), bias)


class ScreenCalibration:
    """Collects fixations on known points; maps gazes once there are some."""

    def __init__(self) -> None:
        self._target: Point | None = None
        self._gazes: list[Gaze] = []
        self._fixations: dict[Point, tuple[list[float], list[float]]] = {}
        self._x: Fit | None = None
        self._y: Fit | None = None
        self.keep = False
        """Whether the student wants the parameters kept when the session is over."""

    @property
    def kept(self) -> dict[str, list[float]] | None:
        """Per axis the weights of its terms and the bias in cm, if they are to be kept.

        They are the whole of it: no fixation, no picture, nothing of a face.
        """
        if not self.keep or self._x is None or self._y is None:
            return None
        return {"x": self._x.parameters, "y": self._y.parameters}

    @property
    def ready(self) -> bool:
        """Whether :meth:`apply` knows anything."""
        return self._x is not None

    def start(self, target: Point) -> None:
        """From now on the student looks at ``target`` (cm from the screen's centre)."""
        self.stop()
        self._target = target

    def add(self, gaze: Gaze) -> None:
        """One frame; kept while a target is shown."""
        if self._target is not None:
            self._gazes.append(gaze)

    def stop(self) -> None:
        """The target is gone: fit with what was seen of it. A second look replaces the first."""
        if self._target is not None and self._gazes:
            rows_x = [(*gaze.terms_x, gaze.rest[0]) for gaze in self._gazes]
            rows_y = [(*gaze.terms_y, gaze.rest[1]) for gaze in self._gazes]
            self._fixations.pop(self._target, None)
            self._fixations[self._target] = _middle(rows_x), _middle(rows_y)
            while len(self._fixations) > MAX_POINTS:
                del self._fixations[next(iter(self._fixations))]
            self._fit()
        self._target = None
        self._gazes.clear()

    def apply(self, gaze: Gaze) -> Point:
        """Where on the screen: cm from its centre. Call only when :attr:`ready`."""
        if self._x is None or self._y is None:
            raise RuntimeError("no calibration yet")
        x, y = gaze.weigh(self._x.weights, self._y.weights)
        return x + self._x.bias, y + self._y.bias

    def _fit(self) -> None:
        targets = list(self._fixations)
        across, down = zip(*self._fixations.values(), strict=True)
        self._x = _fit([t[0] for t in targets], across, WEIGHTS_X, NOISE_X)
        self._y = _fit([t[1] for t in targets], down, WEIGHTS_Y, NOISE_Y)

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state: the fixations' terms; the fit follows from them."""
        return {
            "fixations": [[target, *terms] for target, terms in self._fixations.items()],
            "keep": self.keep,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        newest = state["fixations"][-MAX_POINTS:]
        self._fixations = {(float(x), float(y)): (a, b) for (x, y), a, b in newest}
        self.keep = bool(state["keep"])
        if self._fixations:
            self._fit()


def _middle(rows: Sequence[tuple[float, ...]]) -> list[float]:
    return [median(column) for column in zip(*rows, strict=True)]


def _fit(
    targets: Sequence[float], rows: Sequence[list[float]], prior: Sequence[float], noise: float
) -> Fit:
    """Each row's last entry has no weight: it is taken off the target."""
    return fit_axis(
        [row[:-1] for row in rows],
        [target - row[-1] for target, row in zip(targets, rows, strict=True)],
        prior,
        noise,
    )
