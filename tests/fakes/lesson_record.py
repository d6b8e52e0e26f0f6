"""A lesson as the service would have measured and kept it: drawn faces through the real meter."""

import math
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from typing import Any

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, FaceMeasure, Observation, Quality
from rtc_server.session.recorder import SampleLog
from rtc_server.store.model import Sample
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

FPS = 10
DARK = Quality(image_luminance=0.02, luminance=0.02, noise=0.2, sharpness=0.1)
NINE = [(x, y) for y in (0.1, 0.5, 0.9) for x in (0.1, 0.5, 0.9)]
BLINK_EVERY = 4.1
BLINK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Record:
    """What is stored of a session."""

    samples: list[Sample]
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """What the student does at one frame."""

    look: tuple[float, float] | None = None
    """At this place of the screen; ``None``: nobody is there."""
    yaw: float = 0.0
    closed: bool = False
    dark: bool = False
    point: tuple[float, float] | None = None
    """A calibration dot that appears at this frame."""
    mark: tuple[Cause, bool] | None = None


def reading_and_watching(seconds: int, *, calibrated: bool, seed: int = 1) -> Record:
    """A lesson of text on the left and a film on the right, with the breaks people take."""
    return _record(_lesson(seconds, calibrated=calibrated, seed=seed))


def _record(moments: Iterator[Moment]) -> Record:
    meter, samples = Meter(MetricsConfig()), SampleLog()
    at, silent = 0.0, False
    for frame, moment in enumerate(moments):
        at = frame / FPS
        if moment.mark is not None:
            cause, silent = moment.mark
            (meter.mark if silent else meter.unmark)(cause, at)
        if silent:
            continue
        if moment.point is not None:
            meter.calibrate(at, moment.point)
        face = _face(moment, at)
        quality = DARK if moment.dark else Quality()
        reading = meter.observe(Observation(at, at, int(face is not None), quality, face))
        samples.note(at, reading)
    return Record(samples.pending(), asdict(meter.finish(at)))


def _lesson(seconds: int, *, calibrated: bool, seed: int) -> Iterator[Moment]:
    return islice(_parts(random.Random(seed), calibrated=calibrated), seconds * FPS)


def _parts(chance: random.Random, *, calibrated: bool) -> Iterator[Moment]:
    yield from _reading(chance, 8)
    yield from [Moment(NINE[0])] * (FPS // 2)  # dots do not come on the stroke of the second
    if calibrated:
        for point in NINE:
            yield Moment(point, point=point)
            yield from [Moment(point)] * (2 * FPS - 1)
    while True:
        yield from _reading(chance, 55)
        yield from [Moment((0.5, 0.5), yaw=chance.choice((-42, 45)))] * (chance.randint(4, 9) * FPS)
        yield from _film(chance, 40)
        yield from [Moment()] * (chance.randint(6, 14) * FPS)
        yield from _reading(chance, 35)
        yield from [Moment((0.5, 0.5), closed=True)] * (4 * FPS)
        yield from _film(chance, 25)
        yield from [Moment((0.4, 0.4), dark=True)] * (6 * FPS)
        yield from _reading(chance, 30)
        yield Moment((0.4, 0.4), mark=(Cause.MUTED, True))
        yield from [Moment()] * (12 * FPS)
        yield Moment((0.4, 0.4), mark=(Cause.MUTED, False))


def _reading(chance: random.Random, seconds: int) -> Iterator[Moment]:
    """Lines from left to right and down, on the left half."""
    for frame in range(seconds * FPS):
        across = 0.12 + 0.36 * (frame % 28) / 28
        down = 0.2 + 0.06 * ((frame // 28) % 10)
        yield Moment((across + chance.gauss(0, 0.01), down + chance.gauss(0, 0.01)))


def _film(chance: random.Random, seconds: int) -> Iterator[Moment]:
    """Around the middle of a picture on the right."""
    for _ in range(seconds * FPS):
        yield Moment((chance.gauss(0.74, 0.06), chance.gauss(0.42, 0.07)))


def _face(moment: Moment, at: float) -> FaceMeasure | None:
    if moment.look is None:
        return None
    blinking = at % BLINK_EVERY < BLINK_SECONDS
    sway = math.sin(at / 3.7)
    x, y = moment.look
    return _measured(
        DrawnFace(
            yaw=round(moment.yaw + 1.5 * sway, 1),
            pitch=round(math.sin(at / 5.3), 1),
            roll=round(sway, 1),
            openness=0.04 if moment.closed or blinking else 1.0,
            gaze_x=round(-0.32 * (x - 0.5), 2),
            gaze_y=round(0.16 * (y - 0.5), 2),
        )
    )


@cache
def _measured(face: DrawnFace) -> FaceMeasure:
    return measure(face.landmarks(), SIZE)
