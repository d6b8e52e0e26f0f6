"""Where the meter says that people look, against what they clicked on.

All is taken as the file states it: 0.2 mm a pixel, from the middle of the stated screen, in the
order of the photos. The rows that begin with ``OTHERWISE`` are not judged: they tell how much the
protocol matters. Nobody can click beside the screen: where targets lie there, the page was shown
smaller, and its pixels are no pixels of the screen (see :func:`unzoomed`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.figure import OTHERWISE, SEED, Figure, bootstrap
from benchmarks.quality.folder import Photos
from rtc_server.base.config import MetricsConfig
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
    screen: tuple[float, float]
    """Centimetres."""
    reading: Reading

    @property
    def error(self) -> float | None:
        """Centimetres; ``None`` where the meter tells no gaze (eyes closed)."""
        point = self.reading.gaze_point_cm
        return None if point is None else float(np.hypot(*np.subtract(point, self.target)))

    def classes(self, axis: int) -> tuple[int, int] | None:
        """True and read third of the screen on one axis: -1, 0 or 1."""
        point = self.reading.gaze_point_cm
        if point is None:
            return None
        edge = self.screen[axis] / 6
        return _class(self.target[axis], edge), _class(point[axis], edge)

    def directions(self, axis: int) -> tuple[int, int] | None:
        """The same by the product's limits of direction, seen from the eyes."""
        point = self.reading.gaze_point_cm
        if point is None:
            return None
        limit = (CONFIG.direction_x, CONFIG.direction_y)[axis]
        edge = self.distance * float(np.tan(np.radians(limit)))
        return _class(self.target[axis], edge), _class(point[axis], edge)


def _class(cm: float, edge: float) -> int:
    return int(np.sign(cm)) if abs(cm) > edge else 0


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
        return Look((float(target[0]), float(target[1])), distance, self._session.screen, reading)

    def _observe(self, face: FaceMeasure) -> Reading:
        reading = self._meter.observe(Observation(self._time, self._time, 1, face=face))
        self._time += 1 / FPS
        return reading


def uncalibrated(session: Photos) -> list[Look]:
    """All photos in the file's order, from a cold start."""
    viewing = Viewing(session)
    return [viewing.show(photo) for photo in range(len(session.landmarks))]


def acquainted(session: Photos) -> list[Look]:
    """All photos in a random order, after one round in which the meter got to know the person."""
    order = np.random.default_rng(SEED)
    viewing = Viewing(session)
    count = len(session.landmarks)
    for photo in order.permutation(count):
        viewing.show(int(photo))
    return [viewing.show(int(photo)) for photo in order.permutation(count)]


def calibrated(session: Photos) -> list[Look]:
    """The photos nearest to a grid of three by three calibrate, the others are read."""
    return _read_others(session, grids(session.targets))


def calibrated_anywhere(session: Photos) -> list[Look]:
    """Nine random photos calibrate, the others are read; several splits."""
    order = np.random.default_rng(SEED)
    orders = [order.permutation(len(session.landmarks)).tolist() for _ in range(SPLITS)]
    return _read_others(session, [photos[:CALIBRATION_POINTS] for photos in orders])


def _read_others(session: Photos, splits: Iterable[list[int]]) -> list[Look]:
    looks = []
    for calibrating in splits:
        viewing = Viewing(session)
        for photo in calibrating:
            viewing.show(photo, calibrating=True)
        others = (photo for photo in range(len(session.landmarks)) if photo not in calibrating)
        looks += [viewing.show(photo) for photo in others]
    return looks


def grids(targets: NDArray[np.float64]) -> list[list[int]]:
    """Photos whose (n, 2) targets are nearest to the corners, edges and middle of their range.

    In a grid of four by four two columns and two rows are equally near to the middle: each choice
    is a split.
    """
    found = []
    for middle in product((0.49, 0.51), repeat=2):
        places = product((0.0, middle[0], 1.0), (0.0, middle[1], 1.0))
        photos = sorted({_nearest(targets, np.array(place)) for place in places})
        if photos not in found:
            found.append(photos)
    return found


def _nearest(targets: NDArray[np.float64], place: NDArray[np.float64]) -> int:
    low, high = targets.min(axis=0), targets.max(axis=0)
    return int(np.argmin(np.hypot(*(targets - low - place * (high - low)).T)))


def unzoomed(session: Photos) -> Photos:
    """The same in pixels of the screen, where targets lie outside of the stated one.

    The page fills the window with the same margin on all sides: what it must shrink by to lie on
    the screen is how much smaller it was shown. A session whose targets fit is left as it is.
    """
    corner = np.array(session.screen) / 2
    if (np.abs(session.targets) <= corner).all():
        return session
    from_corner = session.targets + corner
    page = from_corner.max(axis=0) + from_corner.min(axis=0)
    shown = float(np.min(np.array(session.screen) / page))
    return replace(session, targets=from_corner * shown - corner)


Group = Sequence[Sequence[Look]]


def error(sessions: Group) -> float:
    """Mean distance in cm."""
    errors = [each.error for looks in sessions for each in looks if each.error is not None]
    return _mean(errors)


Pairs = Sequence[tuple[int, int] | None]


def balanced_accuracy(pairs: Pairs) -> float:
    """Mean over the three classes of how often each is read as itself."""
    true, read = np.array([pair for pair in pairs if pair]).reshape(-1, 2).T
    return _mean([(read[true == each] == each).mean() for each in np.unique(true)])


def across(sessions: Group) -> float:
    """Balanced accuracy of left, middle and right third."""
    return balanced_accuracy([each.classes(0) for looks in sessions for each in looks])


def down(sessions: Group) -> float:
    """Balanced accuracy of upper, middle and lower third."""
    return balanced_accuracy([each.classes(1) for looks in sessions for each in looks])


def directed_across(sessions: Group) -> float:
    """Balanced accuracy of left, centre and right by the limits of direction."""
    return balanced_accuracy([each.directions(0) for looks in sessions for each in looks])


def directed_down(sessions: Group) -> float:
    """Balanced accuracy of up, centre and down by the limits of direction."""
    return balanced_accuracy([each.directions(1) for looks in sessions for each in looks])


def sign(sessions: Group) -> float:
    """Share of the targets to the left and right that are read on their side."""
    right = [
        each.reading.gaze_point_cm[0] * each.target[0] > 0
        for looks in sessions
        for each in looks
        if each.reading.gaze_point_cm is not None and (pair := each.classes(0)) and pair[0]
    ]
    return _mean(right)


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
    return 100 * _mean(flags)


def _mean(values: Sequence[float]) -> float:
    """Not a number where there is nothing to take the mean of."""
    return float(np.mean(values)) if len(values) else float("nan")


def figures(sessions: Sequence[Photos]) -> list[Figure]:
    """The table's rows on gaze."""
    free = [uncalibrated(session) for session in sessions]
    nine = [calibrated(session) for session in sessions]
    rows = [
        ("on-screen point, uncalibrated", free, error, "cm", None, 5.5),
        ("on-screen point, nine points", nine, error, "cm", None, 4.0),
        ("gaze in left, middle, right third: balanced accuracy", free, across, "", 0.87, None),
        ("gaze in upper, middle, lower third: balanced accuracy", free, down, "", 0.75, None),
        ("gaze left or right, sign", free, sign, "", 0.99, None),
        ("people at their screen judged away", free, away, "%", None, 1.0),
        ("open eyes judged closed", free, closed, "%", None, 1.0),
        ("usable photos called unknown", free, unknown, "%", None, 2.0),
        *_otherwise(sessions),
    ]
    found = [
        Figure(name, of(group), unit, at_least, at_most, *bootstrap(group, of))
        for name, group, of, unit, at_least, at_most in rows
    ]
    for figure in found:
        if np.isnan(figure.value):
            print(f"{figure.name}: skipped, no photo is left for it")
    return [figure for figure in found if not np.isnan(figure.value)]


Row = tuple[str, Group, Callable[[Group], float], str, float | None, float | None]


def _otherwise(sessions: Sequence[Photos]) -> list[Row]:
    """What other protocols would give; not judged."""
    real = [unzoomed(session) for session in sessions]
    cold, nine = [uncalibrated(each) for each in real], [calibrated(each) for each in real]
    warm = [acquainted(each) for each in real]
    anywhere = [calibrated_anywhere(session) for session in sessions]
    rows = [
        ("zoom undone, uncalibrated", cold, error, "cm"),
        ("zoom undone, nine points", nine, error, "cm"),
        ("zoom undone, thirds across", cold, across, ""),
        ("zoom undone, thirds up and down", cold, down, ""),
        ("zoom undone, sign", cold, sign, ""),
        ("zoom undone, after a round, random order", warm, error, "cm"),
        ("that round's left, centre, right by direction", warm, directed_across, ""),
        ("that round's up, centre, down by direction", warm, directed_down, ""),
        ("nine random points", anywhere, error, "cm"),
    ]
    return [(OTHERWISE + name, group, of, unit, None, None) for name, group, of, unit in rows]
