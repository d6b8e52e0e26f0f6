"""How the students of a module compare, with nobody to be picked out of a group. Pure.

A student counts once, with all their sessions together. A group of fewer students than the
threshold is suppressed, its size with it; what is told of the others are quartiles in whole
percent: they are no sums, so what one group says cannot be taken from what all say.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from pydantic import BaseModel, ConfigDict

from rtc_server.store.model import SessionRow

LEAST_SECONDS = 30.0
"""Of judged time: what is shorter says nothing of a student."""
MEASURES = ("focus_percentage", "unknown_percentage", "blink_rate")


class Quartiles(BaseModel):
    """A quarter of the students is below ``low``, half below ``median``."""

    low: int
    median: int
    high: int


class Group(BaseModel):
    """The students of a module or a section; of a suppressed group nothing is told."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    section_id: str | None
    """``null``: the whole module."""
    suppressed: bool
    students: int | None = None
    focus_percentage: Quartiles | None = None
    """Of the judged time."""
    unknown_percentage: Quartiles | None = None
    """Of the whole time."""
    blink_rate: Quartiles | None = None
    """Blinks a minute of judged time."""


class Comparison(BaseModel):
    """A module's students side by side."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    module_id: str
    least_students: int
    """Groups of fewer are suppressed."""
    groups: list[Group]


@dataclass(slots=True)
class Student:
    """What one student's sessions amount to, in seconds."""

    focused: float = 0.0
    judged: float = 0.0
    unknown: float = 0.0
    blinks: int = 0
    elapsed: float = 0.0

    def add(self, summary: Mapping[str, Any]) -> None:
        """One more session."""
        self.focused += summary.get("focused_time", 0.0)
        self.judged += summary.get("total_time", 0.0)
        self.unknown += summary.get("unknown_time", 0.0)
        self.blinks += summary.get("blink_count", 0)
        self.elapsed += summary.get("elapsed", 0.0)

    def measures(self) -> tuple[float, float, float]:
        """In the order of :data:`MEASURES`."""
        return (
            100 * self.focused / self.judged,
            100 * self.unknown / max(self.elapsed, self.judged),
            60 * self.blinks / self.judged,
        )


def compare(rows: Iterable[SessionRow], least: int) -> list[Group]:
    """One group for the module (``section_id`` null), one for each section.

    ``rows`` have ended; ``least``: students that a group must have to be told.
    """
    groups: defaultdict[str | None, defaultdict[str, Student]]
    groups = defaultdict(lambda: defaultdict(Student))
    for row in rows:
        if row.summary is not None:
            for section_id in {None, row.section_id}:
                groups[section_id][row.user_id].add(row.summary)
    named = sorted(groups, key=lambda name: (name is not None, name or ""))
    return [_group(name, groups[name].values(), least) for name in named]


def _group(section_id: str | None, students: Iterable[Student], least: int) -> Group:
    counted = [each.measures() for each in students if each.judged >= LEAST_SECONDS]
    if len(counted) < least:
        return Group(section_id=section_id, suppressed=True)
    by_measure = zip(MEASURES, zip(*counted, strict=True), strict=True)
    told = {name: _quartiles(values) for name, values in by_measure}
    return Group(section_id=section_id, suppressed=False, students=len(counted), **told)


def _quartiles(values: Iterable[float]) -> Quartiles:
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Quartiles(low=round(low), median=round(middle), high=round(high))
