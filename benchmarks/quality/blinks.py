"""Found blinks against labelled ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.quality.figure import OTHERWISE, SEED, Figure, bootstrap
from benchmarks.quality.folder import Clip
from rtc_server.analysis import landmark_file as tracks
from rtc_server.base.config import MetricsConfig

TOLERANCE = 0.2
"""Seconds by which a label is widened."""
PHASES = 3
TREMBLE = 1.0
"""Standard deviation in pixels, independent from landmark to landmark and frame to frame."""
DROPPED = 0.2
"""Share of the frames that never come."""

Event = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Score:
    """Hits and misses of one clip at one rate, over its phases."""

    hits: int
    found: int
    labelled: int
    count_error: float
    """Blinks by which the count is off, summed over the phases."""
    minutes: float


def match(found: Sequence[Event], labels: Sequence[Event]) -> int:
    """How many pairs there are; each event and each label is used once, in order of time."""
    free = sorted(found)
    hits = 0
    for start, end in sorted(labels):
        hit = next((e for e in free if e[0] <= end + TOLERANCE and e[1] >= start - TOLERANCE), None)
        if hit is not None:
            free.remove(hit)
            hits += 1
    return hits


def trembling(clip: Clip) -> Clip:
    """The same with noise on every landmark."""
    points, size = clip.tracks.landmarks, clip.tracks.size
    noise = np.random.default_rng(SEED).normal(0.0, TREMBLE, points.shape)
    shaken = (points + noise / (*size, size[0])).astype(np.float32)
    return replace(clip, tracks=replace(clip.tracks, landmarks=shaken))


def thinned(clip: Clip) -> Clip:
    """The same with some of the frames missing, whatever rate they are sampled at."""
    kept = np.random.default_rng(SEED).random(len(clip.tracks.media_time)) >= DROPPED
    some = replace(
        clip.tracks,
        media_time=clip.tracks.media_time[kept],
        landmarks=clip.tracks.landmarks[kept],
    )
    return replace(clip, tracks=some)


def score(clip: Clip, fps: float | None) -> Score:
    """Through the product's own sampling, geometry and meter; ``None``: every frame."""
    phases = [0.0] if fps is None else [phase / PHASES / fps for phase in range(PHASES)]
    hits = found = 0
    off = 0.0
    start = float(clip.tracks.media_time[0])
    for phase in phases:
        observed = tracks.observations(clip.tracks, fps, start + phase)
        blinks = tracks.run(observed, MetricsConfig()).blinks
        hits += match(blinks, clip.blinks)
        found += len(blinks)
        off += abs(len(blinks) - len(clip.blinks))
    minutes = len(phases) * (float(clip.tracks.media_time[-1]) - start) / 60
    return Score(hits, found, len(phases) * len(clip.blinks), off, minutes)


def f1(scores: Sequence[Score]) -> float:
    """2·hits / (found + labelled), over all clips together."""
    both = sum(each.found + each.labelled for each in scores)
    return 2 * sum(each.hits for each in scores) / both if both else 1.0


def count_error(scores: Sequence[Score]) -> float:
    """Mean over the clips of how far the count is off, per minute of clip."""
    return sum(each.count_error for each in scores) / sum(each.minutes for each in scores)


def figures(clips: Sequence[Clip]) -> list[Figure]:
    """The table's rows on blinks."""
    at_10 = [score(clip, 10.0) for clip in clips]
    at_25 = [score(clip, 25.0) for clip in clips]
    native = [score(clip, None) for clip in clips]
    pairs = list(zip(at_25, at_10, strict=True))

    def drop(some: Sequence[tuple[Score, Score]]) -> float:
        return f1([fast for fast, _ in some]) - f1([slow for _, slow in some])

    rows = [
        Figure("blink F1 at 10 fps", f1(at_10), "", 0.95, None, *bootstrap(at_10, f1)),
        Figure("blink F1, every frame", f1(native), "", 0.97, None, *bootstrap(native, f1)),
        Figure("blink F1(25) - F1(10)", drop(pairs), "", None, 0.03, *bootstrap(pairs, drop)),
    ]
    off = count_error(at_10), bootstrap(at_10, count_error)
    rows.append(Figure("blink count off at 10 fps", off[0], "/min", None, 1.0, *off[1]))
    return [*rows, *_otherwise(clips)]


def _otherwise(clips: Sequence[Clip]) -> list[Figure]:
    """Other rates and worse landmarks; not judged."""
    others = {
        "blink F1 at 15 fps": [score(clip, 15.0) for clip in clips],
        "blink F1 at 6 fps": [score(clip, 6.0) for clip in clips],
        "blink F1, a fifth of all frames missing": [score(thinned(clip), None) for clip in clips],
        "blink F1 at 10 fps, of these": [score(thinned(clip), 10.0) for clip in clips],
        "blink F1 at 10 fps, 1 px of tremble": [score(trembling(clip), 10.0) for clip in clips],
    }
    return [
        Figure(OTHERWISE + name, f1(scores), "", None, None, *bootstrap(scores, f1))
        for name, scores in others.items()
    ]
