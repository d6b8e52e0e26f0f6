"""A scripted minute with a known account: what the ledger makes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.quality.figure import Figure
from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, SessionSummary
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

SECONDS = 60.0
FPS = (6.0, 10.0, 15.0, 30.0)
JITTER = 0.4
"""Share of the distance between two frames by which each may come early or late."""
DROPPED = 0.2
"""Share of the frames that never come."""
SEED = 3
STRAIGHT = DrawnFace()
BLINK_EVERY = 4.0
BLINK = (2.0, 2.2)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the script."""

    start: float
    end: float
    cause: Cause | None
    """``None``: focused."""
    face: DrawnFace | None = STRAIGHT
    count: int = 1


SCRIPT = (
    Segment(0.0, 15.0, None),
    Segment(15.0, 23.0, Cause.FACE_TURNED, DrawnFace(yaw=45.0)),
    Segment(23.0, 30.0, None, DrawnFace(yaw=4.0)),
    Segment(30.0, 37.0, Cause.NO_FACE, None, 0),
    Segment(37.0, 42.0, None),
    Segment(42.0, 48.0, Cause.SEVERAL_FACES, count=2),
    Segment(48.0, 53.0, None),
    Segment(53.0, 57.0, Cause.EYES_CLOSED, DrawnFace(openness=0.05)),
    Segment(57.0, 60.0, None),
)


def times(fps: float, *, uneven: bool = False) -> list[float]:
    """When the frames are taken; ``uneven``: with jitter, and some missing."""
    steady = np.arange(int(SECONDS * fps) + 1) / fps
    if not uneven:
        return [float(time) for time in steady]
    random = np.random.default_rng(SEED)
    kept = steady[random.random(len(steady)) >= DROPPED]
    moved = kept + random.uniform(-JITTER, JITTER, len(kept)) / fps
    return [float(time) for time in np.clip(moved, 0.0, SECONDS)]


def play(moments: Sequence[float]) -> Iterator[Observation]:
    """The script at these moments, with a blink of 0.2 s every four seconds."""
    for time in moments:
        segment = next(each for each in reversed(SCRIPT) if time >= each.start)
        drawn = segment.face
        if drawn is not None and BLINK[0] <= time % BLINK_EVERY < BLINK[1]:
            drawn = replace(drawn, openness=min(drawn.openness, 0.1))
        face = None if drawn is None else measure(drawn.landmarks(), SIZE)
        yield Observation(time, time, segment.count, face=face)


def account(moments: Sequence[float]) -> SessionSummary:
    """What a meter books for the script."""
    meter = Meter(MetricsConfig())
    for observation in play(moments):
        meter.observe(observation)
    return meter.finish(SECONDS)


def error(summary: SessionSummary) -> tuple[float, int]:
    """Seconds booked wrongly, and how many of the script's causes were found."""
    booked: dict[str, float] = {
        **summary.unfocused_by_cause,
        **summary.unknown_by_cause,
        "focused": summary.focused_time,
    }
    true: dict[str, float] = {}
    for each in SCRIPT:
        key = each.cause or "focused"
        true[key] = true.get(key, 0.0) + each.end - each.start
    off = sum(abs(booked.get(key, 0.0) - true.get(key, 0.0)) for key in {*booked, *true})
    found = sum(booked.get(key, 0.0) > seconds / 2 for key, seconds in true.items())
    return off / 2, found


def figures() -> list[Figure]:
    """The table's rows on the ledger: the worst of the rates."""
    steady = [error(account(times(fps))) for fps in FPS]
    uneven = [error(account(times(fps, uneven=True))) for fps in FPS]
    kinds = len({each.cause for each in SCRIPT})
    found = min(found for _, found in steady + uneven) / kinds
    return [
        _off("ledger off on a scripted minute", steady),
        _off("the same, frames uneven and missing", uneven),
        Figure("segments of the minute found", found, "", at_least=1.0),
    ]


def _off(name: str, errors: Sequence[tuple[float, int]]) -> Figure:
    return Figure(name, max(off for off, _ in errors), "s", at_most=1.0)
