"""What a synthetic student does over time: segments with a known cause, and blinks."""

import bisect
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rtc_server.metrics.model import Cause
from tests.fakes.student.photo import Picture
from tests.fakes.student.shot import Person, Shot
from tests.fakes.student.student import Student

_CLOSING = 0.4
"""Share of a blink in which the lids go down: they go up more slowly."""

_TURN_SECONDS = 0.4
"""That a head takes to go from one pose to the next; the eyes are there at once."""

_MOVED = ("yaw", "pitch", "roll", "x_cm", "y_cm", "distance_cm")

SCREEN = (0.0, -8.0)
"""Where the gaze rests on a screen below its camera, in degrees."""


@dataclass(frozen=True, slots=True)
class Segment:
    """So many seconds of one behaviour."""

    seconds: float
    shot: Shot
    cause: Cause | None = None
    """What the ledger should call it; ``None``: focused."""


@dataclass(frozen=True, slots=True)
class Blink:
    """Seconds from when the lids begin to go down until they are up again."""

    start: float
    end: float

    def openness(self, time: float) -> float:
        """0-1 at ``time``: shut at one moment, the way there and back like half a cosine each."""
        share = (time - self.start) / (self.end - self.start)
        if not 0 < share < 1:
            return 1.0
        way = share / _CLOSING if share < _CLOSING else (1 - share) / (1 - _CLOSING)
        return (1 + math.cos(math.pi * min(1.0, 1.3 * way))) / 2 if way < 1 / 1.3 else 0.0


@dataclass(frozen=True)
class Script:
    """Segments one after the other, with blinks in them."""

    segments: tuple[Segment, ...]
    blinks: tuple[Blink, ...] = ()
    sway: float = 1.0
    """How lively head and eyes are: a factor on a degree or so, and a few millimetres."""

    @property
    def duration(self) -> float:
        """Seconds in all."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def boundaries(self) -> list[tuple[float, float, Cause | None]]:
        """Start, end and cause of each segment."""
        spans, start = [], 0.0
        for segment in self.segments:
            spans.append((start, start + segment.seconds, segment.cause))
            start += segment.seconds
        return spans

    def at(self, time: float) -> Shot:
        """The truth at ``time``; the last segment goes on."""
        starts = [start for start, _, _ in self.boundaries]
        index = max(0, bisect.bisect_right(starts, time) - 1)
        before, now = self.segments[max(0, index - 1)].shot, self.segments[index].shot
        shot = _moving(before, now, (time - starts[index]) / _TURN_SECONDS)
        lids = min((blink.openness(time) for blink in self.blinks), default=1.0)
        swaying = _swaying(shot, time, self.sway)
        return replace(swaying, openness=min(swaying.openness, lids))

    def frames(self, student: Student, times: Iterable[float]) -> Iterator[tuple[float, Picture]]:
        """Draw each of the times."""
        for time in times:
            yield time, student.render(self.at(time))

    def steady(self, fps: float) -> list[float]:
        """The times of all frames of a camera without jitter."""
        return [index / fps for index in range(round(self.duration * fps))]


def scripted_minute(noise: float = 2.0) -> Script:
    """A minute at a laptop with everything in it that the ledger tells apart."""
    base = Shot(gaze=SCREEN, noise=noise, distance_cm=48.0)
    beside = Person(x_cm=14.0, y_cm=-4.0, distance_cm=60.0)
    segments = (
        Segment(16, base),
        Segment(6, replace(base, yaw=25.0, gaze=(50.0, 0.0)), Cause.LOOKING_AWAY),
        Segment(6, base),
        Segment(6, replace(base, yaw=-40.0, gaze=None), Cause.FACE_TURNED),
        Segment(4, base),
        Segment(6, replace(base, present=False), Cause.NO_FACE),
        Segment(4, base),
        Segment(5, replace(base, x_cm=-8.0, others=(beside,)), Cause.SEVERAL_FACES),
        Segment(3, base),
        Segment(4, replace(base, openness=0.0), Cause.EYES_CLOSED),
    )
    blinks = tuple(Blink(start, start + 0.25) for start in (2.1, 4.8, 8.3, 11.9, 14.2, 24.7, 36.1))
    return Script(segments, blinks)


def _moving(before: Shot, now: Shot, share: float) -> Shot:
    """On the way from one pose to the next, slowly at both ends."""
    if share >= 1 or not (before.present and now.present):
        return now
    eased = share * share * (3 - 2 * share)
    way = {name: getattr(now, name) - getattr(before, name) for name in _MOVED}
    return replace(now, **{name: getattr(now, name) - (1 - eased) * way[name] for name in _MOVED})


def _swaying(shot: Shot, time: float, sway: float) -> Shot:
    """Nobody sits still: slow movements without a common period, and eyes that wander."""

    def wave(size: float, period: float, phase: float) -> float:
        return sway * size * math.sin(2 * math.pi * time / period + phase)

    gaze = shot.gaze
    if gaze is not None:
        gaze = (gaze[0] + wave(2.0, 1.7, 0.3), gaze[1] + wave(1.5, 2.3, 1.1))
    return replace(
        shot,
        yaw=shot.yaw + wave(1.5, 6.1, 0.0),
        pitch=shot.pitch + wave(1.0, 4.7, 2.0),
        roll=shot.roll + wave(0.7, 7.3, 4.0),
        x_cm=shot.x_cm + wave(0.4, 5.3, 1.0),
        y_cm=shot.y_cm + wave(0.2, 3.9, 3.0),
        gaze=gaze,
    )
