"""Analyses as a picture: openness with its blinks, the gaze's direction, the state."""

from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rtc_server.analysis.analyse import Outcome
from rtc_server.metrics import wire

_STATES = {"focused": "#2a9d6f", "unfocused": "#d1495b", "unknown": "#8d99ae", "pending": "#e9c46a"}
_DIRECTIONS = ("down", "left", "center", "right", "up")
_PANELS = 3
_LONGEST_HOLD = 1.0
"""Seconds that a frame's state may be drawn on when no further frame comes."""


@dataclass
class _Course:
    """What of one recording is drawn."""

    name: str
    times: list[float] = field(default_factory=list)
    openness: list[float] = field(default_factory=list)
    gaze: list[float] = field(default_factory=list)
    labels: list[tuple[str, str | None]] = field(default_factory=list)
    blinks: list[tuple[float, float]] = field(default_factory=list)


class PlotReport:
    """Three strips for each recording, in one PNG."""

    def __init__(self, path: Path) -> None:
        """``path``: where the picture goes."""
        self._path = path
        self._courses: list[_Course] = []

    def begin(self, name: str) -> None:
        """Open its strips."""
        self._courses.append(_Course(name))

    def take(self, row: wire.Metrics) -> None:
        """Keep the few numbers that are drawn."""
        course = self._courses[-1]
        course.times.append(row.media_time)
        course.openness.append(_or_gap(row.eye_openness))
        gaze = None if row.gaze_direction is None else _DIRECTIONS.index(row.gaze_direction)
        course.gaze.append(_or_gap(gaze))
        course.labels.append((row.state, row.cause))

    def end(self, outcome: Outcome) -> None:
        """Keep the blinks."""
        self._courses[-1].blinks = outcome.blinks

    def close(self) -> None:
        """Draw and write."""
        rows = _PANELS * len(self._courses)
        figure = Figure(figsize=(12, 1.6 * rows), layout="constrained")
        axes = figure.subplots(rows, 1, squeeze=False)[:, 0]
        for number, course in enumerate(self._courses):
            _draw(course, *axes[_PANELS * number : _PANELS * (number + 1)])
        figure.savefig(self._path, dpi=110, format="png")


def _draw(course: _Course, lids: Axes, gaze: Axes, state: Axes) -> None:
    lids.set_title(course.name, loc="left", fontsize=9)
    lids.plot(course.times, course.openness, color="#264653", linewidth=0.8)
    for start, end in course.blinks:
        lids.axvspan(start, end, color="#e76f51", alpha=0.4, linewidth=0)
    lids.set_ylabel("openness")
    lids.set_ylim(-0.05, 1.45)
    gaze.plot(course.times, course.gaze, drawstyle="steps-post", color="#264653", linewidth=0.8)
    gaze.set_yticks(range(len(_DIRECTIONS)), _DIRECTIONS)
    gaze.set_ylabel("gaze")
    _strip(course, state)
    state.set_xlabel("seconds")
    for axes in (lids, gaze, state):
        axes.set_xlim(course.times[0], max(course.times[-1], course.times[0] + 0.1))


def _strip(course: _Course, axes: Axes) -> None:
    """A coloured bar for each run of one state, with its cause where there is room."""
    until = [
        min(end, start + _LONGEST_HOLD)
        for start, end in zip(course.times, [*course.times[1:], course.times[-1]], strict=True)
    ]
    spans = zip(course.labels, course.times, until, strict=True)
    whole = course.times[-1] - course.times[0]
    for (state, cause), run in groupby(spans, key=lambda span: span[0]):
        parts = list(run)
        start, end = parts[0][1], parts[-1][2]
        axes.axvspan(start, end, color=_STATES.get(state, "#000000"), linewidth=0)
        label = cause or state
        if end - start > whole * len(label) / 120:
            middle = (start + end) / 2
            axes.text(middle, 0.5, label, ha="center", va="center", fontsize=7, clip_on=True)
    axes.set_yticks([])
    axes.set_ylabel("state")


def _or_gap(value: float | None) -> float:
    return float("nan") if value is None else float(value)
