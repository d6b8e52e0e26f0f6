"""Usable frames that end up as unknown, and what a frame costs."""

import time
from collections.abc import Sequence

from benchmarks.quality.figure import Figure, bootstrap
from benchmarks.quality.folder import Clip
from rtc_server.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.vision import tracks
from rtc_server.vision.geometry import measure

FPS = 10.0
Times = tuple[float, float]


def unknown_times(clip: Clip) -> Times:
    """Unknown and elapsed seconds of a clip whose every frame shows a face."""
    summary = tracks.run(tracks.observations(clip.tracks, FPS), MetricsConfig()).summary
    return summary.unknown_time, summary.elapsed


def percent(times: Sequence[Times]) -> float:
    """Unknown time in percent of all."""
    return 100 * sum(unknown for unknown, _ in times) / sum(elapsed for _, elapsed in times)


def cost(clip: Clip) -> float:
    """Milliseconds of CPU for one frame's geometry and metrics together."""
    meter = Meter(MetricsConfig())
    frames = list(zip(clip.tracks.media_time.tolist(), clip.tracks.landmarks, strict=True))
    start = time.process_time()
    for at, points in frames:
        meter.observe(Observation(at, at, 1, face=measure(points, clip.tracks.size)))
    return 1000 * (time.process_time() - start) / len(frames)


def figures(clips: Sequence[Clip]) -> list[Figure]:
    """The table's rows on usable frames and on cost."""
    times = [unknown_times(clip) for clip in clips]
    low, high = bootstrap(times, percent)
    costs = [cost(clip) for clip in clips]
    return [
        Figure(
            "usable time booked as unknown",
            percent(times),
            "%",
            at_most=2.0,
            low=low,
            high=high,
        ),
        Figure("CPU of geometry and metrics", min(costs), "ms/frame", at_most=0.5),
    ]
