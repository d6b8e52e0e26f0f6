"""The synthetic student: the real models on made pictures, held against their exact truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.figure import Figure, bootstrap
from rtc_server.base.config import MetricsConfig, VisionConfig
from rtc_server.media.source import Frame
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import (
    Cause,
    Direction,
    FaceMeasure,
    Observation,
    Reading,
    SessionSummary,
)
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.landmarks import FaceModels
from tests.fakes import pictures
from tests.fakes.student.photo import Picture
from tests.fakes.student.script import SCREEN, Script, Segment, scripted_minute
from tests.fakes.student.shot import Shot
from tests.fakes.student.student import Student

POSES = 80
MAX_YAW, MAX_PITCH, MAX_ROLL = 44.0, 20.0, 20.0
NOISE = 2.0
FPS = 10.0
SEED = 3
SETTLE_SECONDS = 8.0
LOOKS = [(x, SCREEN[1]) for x in (-28.0, -22.0, -16.0, 16.0, 22.0, 28.0)]
LOOK_SECONDS = 1.0
PEOPLE = {
    "dark skin": Shot(skin=0.12, noise=NOISE),
    "dim room": Shot(light=0.12, noise=4.0),
    "bright room": Shot(light=1.6, noise=NOISE),
    "far away": Shot(distance_cm=85.0, noise=NOISE),
    "near": Shot(distance_cm=36.0, noise=NOISE),
    "laptop below the face": Shot(pitch=18.0, gaze=(0.0, -12.0), noise=NOISE),
    "second screen": Shot(yaw=22.0, gaze=(25.0, -5.0), noise=NOISE),
    "narrow eyes": Shot(openness=0.55, noise=NOISE),
}
"""Ways of sitting at one's screen that no measure may fail."""
SITTING_SECONDS = 5.0
NEAR = 0.2
"""Seconds by which a blink's event is widened."""

Times = tuple[float, float]


class Watcher:
    """Sees single pictures, or the frames of a script, as a session does."""

    def __init__(self) -> None:
        """Load the models."""
        self._models = FaceModels()

    def face(self, picture: Picture) -> FaceMeasure | None:
        """One picture without a past."""
        return self._see(FaceTrack(VisionConfig()), 0.0, picture).face

    def follow(self, frames: Iterator[tuple[float, Picture]]) -> Iterator[Observation]:
        """A sequence, face followed."""
        track = FaceTrack(VisionConfig())
        return (self._see(track, time, picture) for time, picture in frames)

    def close(self) -> None:
        """Give the models back."""
        self._models.close()

    def _see(self, track: FaceTrack, time: float, picture: Picture) -> Observation:
        frame = Frame(time, time, pictures.video_frame(picture))
        return track.observe(self._models, frame, time)


@dataclass(frozen=True, slots=True)
class Played:
    """What the product made of a script."""

    readings: list[Reading]
    blinks: list[Times]
    summary: SessionSummary


def figures() -> list[Figure]:
    """The table's rows on the synthetic student."""
    student, watcher = Student(), Watcher()
    try:
        minute = scripted_minute(NOISE)
        return [
            *pose_figures(student, watcher),
            gaze_figure(student, watcher),
            *minute_figures(minute, play(minute, student, watcher)),
            usable_figure(student, watcher),
        ]
    finally:
        watcher.close()


def play(script: Script, student: Student, watcher: Watcher) -> Played:
    """Draw the script ten times a second and measure it."""
    meter = Meter(MetricsConfig())
    seen = watcher.follow(script.frames(student, script.steady(FPS)))
    readings = [meter.observe(observation) for observation in seen]
    summary = meter.finish(script.duration)
    return Played(readings, meter.blinks, summary)


# ------------------------------------------------------------ head pose


def pose_figures(student: Student, watcher: Watcher) -> list[Figure]:
    """Mean absolute error of yaw, pitch and roll together, and how many faces were missed."""
    shots = list(_poses())
    faces = [watcher.face(student.render(shot)) for shot in shots]
    errors = [
        _pose_error(shot, face) for shot, face in zip(shots, faces, strict=True) if face is not None
    ]
    low, high = bootstrap(errors, _mean)
    found = 100 * len(errors) / len(shots)
    return [
        Figure(
            "head pose on the synthetic student",
            _mean(errors),
            "degrees",
            at_most=3.0,
            low=low,
            high=high,
        ),
        Figure("synthetic faces found", found, "%", at_least=99.0),
    ]


def _poses() -> Iterator[Shot]:
    random = np.random.default_rng(SEED)
    for share in random.uniform(-1, 1, (POSES, 3)).tolist():
        yaw, pitch, roll = share[0] * MAX_YAW, share[1] * MAX_PITCH, share[2] * MAX_ROLL
        yield Shot(yaw=yaw, pitch=pitch, roll=roll, noise=NOISE)


def _pose_error(shot: Shot, face: FaceMeasure) -> float:
    pose = face.head_pose
    off = (pose.yaw - shot.yaw, pose.pitch - shot.pitch, pose.roll - shot.roll)
    return sum(map(abs, off)) / len(off)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# ------------------------------------------------------------ gaze


def gaze_figure(student: Student, watcher: Watcher) -> Figure:
    """How often the eyes' side is told right, from the student's side, once it is learnt."""
    base = Shot(gaze=SCREEN, noise=NOISE)
    parts = [Segment(SETTLE_SECONDS, base)]
    for look in LOOKS:
        parts += [Segment(LOOK_SECONDS, Shot(gaze=look, noise=NOISE)), Segment(LOOK_SECONDS, base)]
    script = Script(tuple(parts))
    played = play(script, student, watcher)
    right = [
        _is_right(played.readings, SETTLE_SECONDS + 2 * number * LOOK_SECONDS, look[0])
        for number, look in enumerate(LOOKS)
    ]
    return Figure("sides of synthetic glances told right", _mean(right), "", at_least=0.99)


def _is_right(readings: Sequence[Reading], start: float, side: float) -> bool:
    """Whether a glance is told as what it is before it ends, and never as the other side."""
    told = [
        reading.gaze_direction
        for reading in readings
        if start + LOOK_SECONDS / 2 <= reading.media_time < start + LOOK_SECONDS
    ]
    wanted, wrong = (Direction.RIGHT, Direction.LEFT)[:: 1 if side > 0 else -1]
    return told[-1] is wanted and wrong not in told


# ------------------------------------------------------------ the minute


def minute_figures(script: Script, played: Played) -> list[Figure]:
    """The ledger, the blinks and the lids of a minute with images."""
    true, booked = _true_times(script), _booked_times(played.summary)
    keys = {*true, *booked}
    off = sum(abs(booked.get(key, 0.0) - true.get(key, 0.0)) for key in keys) / 2
    found = sum(booked.get(key, 0.0) > seconds / 2 for key, seconds in true.items())
    open_frames = [
        reading
        for reading in played.readings
        if script.at(reading.media_time).openness == 1.0 and reading.eye_openness is not None
    ]
    shut = sum(
        (reading.eye_openness or 0.0) <= MetricsConfig().closed_openness for reading in open_frames
    )
    return [
        Figure("ledger off on a filmed minute", off, "s", at_most=1.0),
        Figure("segments of the filmed minute found", found / len(true), "", at_least=1.0),
        Figure("blink F1 on the filmed minute", f1(script, played.blinks), "", at_least=0.95),
        Figure("open synthetic eyes told closed", 100 * shut / len(open_frames), "%", at_most=1.0),
    ]


def _true_times(script: Script) -> dict[str, float]:
    times: dict[str, float] = {}
    for start, end, cause in script.boundaries:
        key = _account(cause)
        times[key] = times.get(key, 0.0) + end - start
    return times


def _booked_times(summary: SessionSummary) -> dict[str, float]:
    """Head or eyes away are one account here: where the one ends is a matter of words."""
    booked = {"focused": summary.focused_time}
    for cause, seconds in {**summary.unfocused_by_cause, **summary.unknown_by_cause}.items():
        key = _account(Cause(cause))
        booked[key] = booked.get(key, 0.0) + seconds
    return booked


def _account(cause: Cause | None) -> str:
    if cause in (Cause.LOOKING_AWAY, Cause.FACE_TURNED):
        return "away"
    return "focused" if cause is None else cause.value


def f1(script: Script, found: Sequence[Times]) -> float:
    """Each blink and each event used once."""
    left = list(found)
    hits = 0
    for blink in script.blinks:
        match = next(
            (e for e in left if e[0] <= blink.end + NEAR and e[1] >= blink.start - NEAR), None
        )
        if match is not None:
            left.remove(match)
            hits += 1
    return 2 * hits / (len(found) + len(script.blinks))


# ------------------------------------------------------------ people


def usable_figure(student: Student, watcher: Watcher) -> Figure:
    """Of people who sit at their screen: time booked as unknown, as away or as asleep."""
    wrong = [
        _wrong(Script((Segment(SITTING_SECONDS, shot),)), student, watcher)
        for shot in PEOPLE.values()
    ]
    low, high = bootstrap(wrong, _mean)
    return Figure(
        "synthetic people at their screen not told so",
        _mean(wrong),
        "%",
        at_most=2.0,
        low=low,
        high=high,
    )


def _wrong(script: Script, student: Student, watcher: Watcher) -> float:
    summary = play(script, student, watcher).summary
    return 100 * (1 - summary.focused_time / summary.elapsed)
