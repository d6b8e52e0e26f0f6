"""Where the meter says that people look, against what they clicked on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.figure import SEED, Figure, bootstrap
from benchmarks.quality.folder import Photos
from rtc_server.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, FaceMeasure, Observation, Reading, State
from rtc_server.vision.geometry import measure

FPS = 5.0
HOLD = 1.4
"""Seconds that each photo is shown to the meter: longer than a calibration step collects."""
CALIBRATION_POINTS = 9
SPLITS = 5
CONFIG = MetricsConfig()
AWAY = {Cause.LOOKING_AWAY, Cause.FACE_TURNED}


@dataclass(frozen=True, slots=True)
class Look:
    """One photo: where it was looked at (cm), and what the meter read."""

    target: tuple[float, float]
    distance: float
    """Centimetres from the eyes to the screen."""
    reading: Reading

    @property
    def error(self) -> float | None:
        """Centimetres; ``None`` where the meter tells no gaze (eyes closed)."""
        point = self.reading.gaze_point_cm
        return None if point is None else float(np.hypot(*np.subtract(point, self.target)))

    def classes(self, axis: int) -> tuple[int, int] | None:
        """True and read class on one axis: -1, 0 or 1 by the product's limits of direction."""
        point = self.reading.gaze_point_cm
        if point is None:
            return None
        limit = (CONFIG.direction_x, CONFIG.direction_y)[axis]
        return self._class(self.target[axis], limit), self._class(point[axis], limit)

    def _class(self, cm: float, limit: float) -> int:
        degrees = float(np.degrees(np.arctan2(cm, self.distance)))
        return int(np.sign(degrees)) if abs(degrees) > limit else 0


class Viewing:
    """A meter that is shown photos one after the other."""

    def __init__(self, session: Photos) -> None:
        """A new session in front of that screen."""
        self._session = session
        self._faces = [measure(each, session.size) for each in session.landmarks]
        self._meter = Meter(MetricsConfig(screen_cm=session.screen))
        self._time = 0.0

    def show(self, photo: int, *, calibrating: bool = False) -> Look:
        """Hold one photo; the last reading is the photo's."""
        target = self._session.targets[photo]
        width, height = self._session.screen
        if calibrating:
            point = (0.5 + target[0] / width, 0.5 + target[1] / height)
            self._meter.calibrate(self._time, point)
        reading = self._observe(self._faces[photo])
        for _ in range(int(HOLD * FPS) - 1):
            reading = self._observe(self._faces[photo])
        distance = self._faces[photo].position[2]
        return Look((float(target[0]), float(target[1])), distance, reading)

    def _observe(self, face: FaceMeasure) -> Reading:
        reading = self._meter.observe(Observation(self._time, self._time, 1, face=face))
        self._time += 1 / FPS
        return reading


def uncalibrated(session: Photos) -> list[Look]:
    """All photos in a random order, after one round in which the meter got to know the person.

    In the recordings' own order, row by row, no running centre could be in the middle.
    """
    order = np.random.default_rng(SEED)
    viewing = Viewing(session)
    count = len(session.landmarks)
    for photo in order.permutation(count):
        viewing.show(int(photo))
    return [viewing.show(int(photo)) for photo in order.permutation(count)]


def calibrated(session: Photos) -> list[Look]:
    """Nine photos calibrate, the others are read; several random splits."""
    order = np.random.default_rng(SEED)
    looks = []
    for _ in range(SPLITS):
        photos = order.permutation(len(session.landmarks)).tolist()
        viewing = Viewing(session)
        for photo in photos[:CALIBRATION_POINTS]:
            viewing.show(photo, calibrating=True)
        looks += [viewing.show(photo) for photo in photos[CALIBRATION_POINTS:]]
    return looks


Group = Sequence[Sequence[Look]]


def error(sessions: Group) -> float:
    """Mean distance in cm."""
    errors = [each.error for looks in sessions for each in looks if each.error is not None]
    return float(np.mean(errors))


def balanced_accuracy(sessions: Group, axis: int) -> float:
    """Mean over the three classes of how often each is read as itself."""
    pairs = [pair for looks in sessions for each in looks if (pair := each.classes(axis))]
    true, read = np.array(pairs).T
    return float(np.mean([(read[true == each] == each).mean() for each in np.unique(true)]))


def sign(sessions: Group) -> float:
    """Share of the targets to the left and right that are read on their side."""
    right = [
        each.reading.gaze_point_cm[0] * each.target[0] > 0
        for looks in sessions
        for each in looks
        if each.reading.gaze_point_cm is not None and (pair := each.classes(0)) and pair[0]
    ]
    return float(np.mean(right))


def away(sessions: Group) -> float:
    """Percent of the photos, all of people at their screen, that are judged away."""
    return _percent([each.reading.cause in AWAY for looks in sessions for each in looks])


def closed(sessions: Group) -> float:
    """Percent of the photos whose eyes are judged closed; all are taken to be open."""
    limit = CONFIG.closed_openness
    readings = [each.reading for looks in sessions for each in looks]
    return _percent([(each.eye_openness or 0.0) <= limit for each in readings])


def unknown(sessions: Group) -> float:
    """Percent of the photos whose state is unknown."""
    return _percent([e.reading.state is State.UNKNOWN for looks in sessions for e in looks])


def _percent(flags: Sequence[bool]) -> float:
    return 100 * float(np.mean(flags))


def figures(sessions: Sequence[Photos]) -> list[Figure]:
    """The table's rows on gaze."""
    free = [uncalibrated(session) for session in sessions]
    nine = [calibrated(session) for session in sessions]

    def across(some: Group) -> float:
        return balanced_accuracy(some, 0)

    def down(some: Group) -> float:
        return balanced_accuracy(some, 1)

    rows = [
        ("on-screen point, uncalibrated", free, error, "cm", None, 5.5),
        ("on-screen point, nine points", nine, error, "cm", None, 4.0),
        ("gaze left, centre, right: balanced accuracy", free, across, "", 0.87, None),
        ("gaze up, centre, down: balanced accuracy", free, down, "", 0.75, None),
        ("gaze left or right, sign", free, sign, "", 0.99, None),
        ("people at their screen judged away", free, away, "%", None, 1.0),
        ("open eyes judged closed", free, closed, "%", None, 1.0),
        ("usable photos called unknown", free, unknown, "%", None, 2.0),
    ]
    return [
        Figure(name, of(group), unit, at_least, at_most, *bootstrap(group, of))
        for name, group, of, unit, at_least, at_most in rows
    ]
