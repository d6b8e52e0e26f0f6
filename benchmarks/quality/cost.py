"""What one frame costs in geometry and metrics together."""

import time
from collections.abc import Sequence

import numpy as np

from benchmarks.quality import minute
from benchmarks.quality.figure import Figure, bootstrap
from benchmarks.quality.folder import Clip
from rtc_server.analysis.landmark_file import Tracks
from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

FPS = 10.0
Spent = tuple[float, int]
"""CPU seconds, and for how many frames."""


def figures(clips: Sequence[Clip]) -> list[Figure]:
    """The mean over the recordings, or over a minute of a drawn face where there are none."""
    recordings = [clip.tracks for clip in clips] or [drawn()]
    spent = [spend(tracks) for tracks in recordings]
    low, high = bootstrap(spent, per_frame)
    name = "CPU of geometry and metrics"
    return [Figure(name, per_frame(spent), "ms/frame", None, 0.5, low, high)]


def spend(tracks: Tracks) -> Spent:
    """Every frame of a recording through a new meter."""
    meter = Meter(MetricsConfig())
    frames = list(zip(tracks.media_time.tolist(), tracks.landmarks, strict=True))
    seen = [frame for frame in frames if np.isfinite(frame[1]).all()]
    start = time.process_time()
    for at, points in seen:
        meter.observe(Observation(at, at, 1, face=measure(points, tracks.size)))
    return time.process_time() - start, len(seen)


def per_frame(spent: Sequence[Spent]) -> float:
    """Milliseconds of CPU."""
    return 1000 * sum(seconds for seconds, _ in spent) / max(1, sum(frames for _, frames in spent))


def drawn() -> Tracks:
    """A minute of a face that blinks and turns."""
    times = np.array(minute.times(FPS))
    faces = [_at(time).landmarks() for time in times.tolist()]
    return Tracks(times, np.array(faces, np.float32), SIZE)


def _at(time: float) -> DrawnFace:
    blinks = minute.BLINK[0] <= time % minute.BLINK_EVERY < minute.BLINK[1]
    return DrawnFace(yaw=10 * np.sin(time), openness=0.1 if blinks else 1.0)
