"""Usable frames that end up as unknown."""

from collections.abc import Sequence

from benchmarks.quality.figure import Figure, bootstrap
from benchmarks.quality.folder import Clip
from rtc_server.analysis import landmark_file as tracks
from rtc_server.base.config import MetricsConfig

FPS = 10.0
Times = tuple[float, float]


def unknown_times(clip: Clip) -> Times:
    """Unknown and elapsed seconds of a clip whose every frame shows a face."""
    summary = tracks.run(tracks.observations(clip.tracks, FPS), MetricsConfig()).summary
    return summary.unknown_time, summary.elapsed


def percent(times: Sequence[Times]) -> float:
    """Unknown time in percent of all."""
    return 100 * sum(unknown for unknown, _ in times) / sum(elapsed for _, elapsed in times)


def figures(clips: Sequence[Clip]) -> list[Figure]:
    """The table's row on usable frames."""
    times = [unknown_times(clip) for clip in clips]
    low, high = bootstrap(times, percent)
    return [
        Figure(
            "usable time booked as unknown",
            percent(times),
            "%",
            at_most=2.0,
            low=low,
            high=high,
        ),
    ]
