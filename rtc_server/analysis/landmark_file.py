"""Recorded landmarks through the same geometry and metrics as live frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtc_server.base.config import MetricsConfig
from rtc_server.media.pace import Pace
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import FaceMeasure, Observation, Reading, SessionSummary
from rtc_server.vision.geometry import measure


@dataclass(frozen=True, slots=True)
class Tracks:
    """One recording's landmarks."""

    media_time: NDArray[np.float64]
    """(n,) seconds, rising."""
    landmarks: NDArray[np.float32]
    """(n, 478, 3) normalised as FaceMesh gives them; NaN where no face was found."""
    size: tuple[int, int]
    """Width and height of the picture in pixels."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the metrics made of a recording."""

    readings: list[Reading]
    blinks: list[tuple[float, float]]
    """Start and end in seconds of media time."""
    summary: SessionSummary


def load(path: Path) -> Tracks:
    """Read an ``.npz`` with ``media_time``, ``landmarks`` and ``size``.

    Raises ``OSError``, ``KeyError`` or ``ValueError`` for what is no such file.
    """
    with np.load(path, allow_pickle=False) as file:
        width, height = file["size"].tolist()
        return Tracks(
            np.asarray(file["media_time"], dtype=np.float64),
            np.asarray(file["landmarks"], dtype=np.float32),
            (int(width), int(height)),
        )


def observations(
    tracks: Tracks, max_fps: float | None = None, start: float = 0.0
) -> Iterator[Observation]:
    """One observation a frame, at most ``max_fps`` a second, from ``start`` s of media time on.

    Elapsed time is media time since the first frame, as in a session without delays.
    """
    pace = None if max_fps is None else Pace(max_fps)
    origin: float | None = None
    for time, points in zip(tracks.media_time.tolist(), tracks.landmarks, strict=True):
        if time < start or (pace is not None and not pace.take(time)):
            continue
        origin = time if origin is None else origin
        face = _measure(points, tracks.size)
        yield Observation(time, time - origin, int(face is not None), face=face)


def run(observed: Iterable[Observation], config: MetricsConfig) -> Run:
    """Feed a whole recording to a new meter; the recording ends with its last frame."""
    meter = Meter(config)
    readings = []
    first = last = None
    for observation in observed:
        first = first or observation
        last = observation
        readings.append(meter.observe(observation))
    summary = meter.finish(0.0 if last is None else last.elapsed)
    shift = 0.0 if first is None else first.media_time - first.elapsed
    blinks = [(start + shift, end + shift) for start, end in meter.blinks]
    return Run(readings, blinks, summary)


def _measure(points: NDArray[np.float32], size: tuple[int, int]) -> FaceMeasure | None:
    try:
        return measure(points, size)
    except ValueError:
        return None
