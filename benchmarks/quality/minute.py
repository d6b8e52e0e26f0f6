"""A scripted minute with a known account: what the ledger makes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.quality.figure import Figure
from rtc_server.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, SessionSummary
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

FPS = (6.0, 10.0, 25.0)
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


def play(fps: float) -> Iterator[Observation]:
    """The script at ``fps``, with a blink of 0.2 s every four seconds."""
    for i in range(int(60 * fps) + 1):
        time = i / fps
        segment = next(each for each in reversed(SCRIPT) if time >= each.start)
        drawn = segment.face
        if drawn is not None and BLINK[0] <= time % BLINK_EVERY < BLINK[1]:
            drawn = replace(drawn, openness=min(drawn.openness, 0.1))
        face = None if drawn is None else measure(drawn.landmarks(), SIZE)
        yield Observation(time, time, segment.count, face=face)


def account(fps: float) -> SessionSummary:
    """What a meter books for the script."""
    meter = Meter(MetricsConfig())
    for observation in play(fps):
        meter.observe(observation)
    return meter.finish(60.0)


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
    errors = [error(account(fps)) for fps in FPS]
    kinds = len({each.cause for each in SCRIPT})
    return [
        Figure("ledger off on a scripted minute", max(off for off, _ in errors), "s", at_most=1.0),
        Figure(
            "segments of the minute found",
            min(found for _, found in errors) / kinds,
            "",
            at_least=1.0,
        ),
    ]
