"""What is analysed: a video file, or the landmarks that were once found in one."""

import itertools
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from rtc_server.analysis import landmark_file as tracks
from rtc_server.analysis.video import Video
from rtc_server.base.config import VisionConfig
from rtc_server.base.errors import RecordingRefused
from rtc_server.metrics.model import Observation
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.landmarks import FaceModels

LANDMARKS = 478

Passed = Callable[[float], None]
"""Told how many seconds of the recording are read."""


class Recording(Protocol):
    """Something with a beginning and an end that observations come from."""

    @property
    def name(self) -> str:
        """The path as it was given."""

    @property
    def duration(self) -> float | None:
        """Seconds that it is said to last; ``None`` where it does not say."""

    @property
    def end(self) -> float:
        """Seconds from its first to its last frame; known once all was read."""

    def observations(self, passed: Passed) -> Iterator[Observation]:
        """Everything that is seen in it, in order; raises :class:`RecordingRefused`."""


class VideoRecording:
    """A video file: decoded, sampled and looked at."""

    def __init__(self, path: Path, max_fps: float | None, config: VisionConfig) -> None:
        """Open it; raises :class:`RecordingRefused`. ``max_fps``: ``None`` for every frame."""
        self._video = Video(path, max_fps)
        self._config = config
        self.name = str(path)

    @property
    def duration(self) -> float | None:
        """Seconds, by the container."""
        return self._video.duration

    @property
    def end(self) -> float:
        """Seconds from the first to the last frame that was decoded."""
        return self._video.end

    def observations(self, passed: Passed) -> Iterator[Observation]:
        """Decode, find, measure; media time is elapsed time."""
        models, track = FaceModels(), FaceTrack(self._config)
        try:
            for frame in self._video.frames(passed):
                yield track.observe(models, frame, frame.media_time)
        finally:
            models.close()


class TrackRecording:
    """A file of landmarks (``media_time``, ``landmarks``, ``size``), as ``numpy.savez`` writes."""

    def __init__(self, path: Path, max_fps: float | None) -> None:
        """Read it; raises :class:`RecordingRefused`. ``max_fps``: ``None`` for every frame."""
        self._tracks = _load(path)
        self._max_fps = max_fps
        self.name = str(path)
        times = self._tracks.media_time
        self.end = self.duration = float(times[-1] - times[0])

    def observations(self, passed: Passed) -> Iterator[Observation]:
        """Measure what is there."""
        for observation in tracks.observations(self._tracks, self._max_fps):
            passed(observation.elapsed)
            yield observation


def _load(path: Path) -> tracks.Tracks:
    try:
        loaded = tracks.load(path)
    except OSError as error:
        raise RecordingRefused(f"{path}: {error.strerror or 'cannot be read'}") from error
    except KeyError as error:
        lacks = str(error.args[0]).split(" ", 1)[0]
        raise RecordingRefused(f"{path}: no landmark file, it lacks {lacks}") from error
    except (ValueError, TypeError, AttributeError, zipfile.BadZipFile, EOFError) as error:
        raise RecordingRefused(f"{path}: no landmark file") from error
    problem = _problem(loaded)
    if problem:
        raise RecordingRefused(f"{path}: {problem}")
    return loaded


def _problem(loaded: tracks.Tracks) -> str | None:
    """Why these are no landmarks of a recording, if so."""
    times, landmarks = loaded.media_time, loaded.landmarks
    if times.ndim != 1 or landmarks.shape != (times.size, LANDMARKS, 3):
        return f"landmarks of shape {landmarks.shape} do not fit {times.size} times"
    if not times.size:
        return "no frames in it"
    if not np.isfinite(times).all() or any(b < a for a, b in itertools.pairwise(times.tolist())):
        return "its times do not rise"
    if min(loaded.size) < 1:
        return f"a picture of {loaded.size[0]} x {loaded.size[1]} pixels"
    return None
