"""Recorded landmarks give what the live path gives."""

from pathlib import Path

import numpy as np
import pytest

from rtc_server.analysis import landmark_file as tracks
from rtc_server.analysis.landmark_file import Tracks
from rtc_server.base.config import MetricsConfig
from tests.fakes.drawn_face import SIZE, DrawnFace

OPEN = DrawnFace().landmarks().astype(np.float32)
SHUT = DrawnFace(openness=0.1).landmarks().astype(np.float32)
NOBODY = np.full((478, 3), np.nan, dtype=np.float32)
FIRST = 2.0


@pytest.fixture
def recording() -> Tracks:
    """Ten seconds at 30 fps from 2 s on, a blink every 2.5 s, nobody in the last second."""
    times = FIRST + np.arange(300) / 30
    since = times - FIRST
    shut = (since % 2.5 > 1.0) & (since % 2.5 < 1.25)
    landmarks = np.where(shut[:, None, None], SHUT, OPEN)
    landmarks[since > 9.0] = NOBODY
    return Tracks(times, landmarks, SIZE)


def test_a_file_is_read_back(recording: Tracks, tmp_path: Path) -> None:
    path = tmp_path / "clip.npz"
    np.savez(
        path, media_time=recording.media_time, landmarks=recording.landmarks, size=recording.size
    )
    again = tracks.load(path)
    assert again.size == SIZE
    np.testing.assert_array_equal(again.media_time, recording.media_time)
    np.testing.assert_array_equal(again.landmarks, recording.landmarks)


@pytest.mark.parametrize("fps", [None, 15.0, 10.0])
def test_blinks_are_told_in_media_time_at_every_rate(recording: Tracks, fps: float | None) -> None:
    run = tracks.run(tracks.observations(recording, fps), MetricsConfig())
    middles = [(start + end) / 2 for start, end in run.blinks]
    assert middles == pytest.approx([FIRST + 1.12 + 2.5 * i for i in range(4)], abs=0.1)


def test_at_most_the_wanted_rate_is_taken(recording: Tracks) -> None:
    assert len(list(tracks.observations(recording, 10.0))) == pytest.approx(100, abs=1)
    assert len(list(tracks.observations(recording))) == 300


def test_missing_landmarks_are_no_face(recording: Tracks) -> None:
    *_, last = tracks.observations(recording)
    assert (last.face, last.face_count) == (None, 0)


def test_the_account_covers_the_recording(recording: Tracks) -> None:
    summary = tracks.run(tracks.observations(recording, 10.0), MetricsConfig()).summary
    assert summary.elapsed == pytest.approx(9.95, abs=0.1)
    assert summary.detection_rate == pytest.approx(90, abs=1.5)


def test_an_empty_recording_has_an_empty_account() -> None:
    nothing = Tracks(np.empty(0), np.empty((0, 478, 3), dtype=np.float32), SIZE)
    run = tracks.run(tracks.observations(nothing), MetricsConfig())
    assert (run.readings, run.blinks, run.summary.elapsed) == ([], [], 0)
