"""The quality benchmark reads whatever is there, and says what is not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.quality import __main__ as quality
from benchmarks.quality import cost, folder, gazes
from tests.fakes.drawn_face import SIZE, DrawnFace

Rows = NDArray[Any]
SCREEN = (1000.0, 600.0)
CORNERS = np.array([(x, y) for y in (50.0, 550.0) for x in (50.0, 500.0, 950.0)])


def write_clip(data: Path, name: str, *, labelled: bool = True) -> None:
    (data / "blink").mkdir(exist_ok=True)
    times = np.arange(200) / 25
    shut = (times % 4 >= 3) & (times % 4 < 3.2)
    faces = [DrawnFace(openness=0.05 if closed else 1.0).landmarks() for closed in shut]
    path = data / "blink" / f"{name}.npz"
    np.savez(path, media_time=times, landmarks=np.array(faces, np.float32), size=np.array(SIZE))
    if labelled:
        path.with_suffix(".json").write_text(json.dumps({"blinks": [[3.0, 3.2], [7.0, 7.2]]}))


def write_photos(data: Path, name: str, targets: Rows, **other: Rows) -> None:
    (data / "gaze").mkdir(exist_ok=True)
    count = len(targets)
    landmarks = np.array([DrawnFace().landmarks()] * count, np.float32)
    rows = {
        "landmarks": landmarks,
        "target_px": targets,
        "screen_px": np.tile(SCREEN, (count, 1)),
        "subject": np.array(["a"] * count),
        "session": np.array(["1"] * count),
        "size": np.array(SIZE),
    }
    np.savez(data / "gaze" / f"{name}.npz", allow_pickle=False, **{**rows, **other})


def test_clips_alone_give_the_figures_of_clips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path, "one")
    figures = {each.name: each for each in quality.recorded(*quality.recordings(tmp_path))}
    assert figures["blink F1, every frame"].value == 1
    assert not any("on-screen" in name for name in figures)
    assert "gaze: its figures are skipped" in capsys.readouterr().out


def test_photos_alone_give_the_figures_of_photos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_photos(tmp_path, "one", CORNERS)
    names = [each.name for each in quality.recorded(*quality.recordings(tmp_path))]
    assert "on-screen point, uncalibrated" in names
    assert not any("blink" in name for name in names)
    out = capsys.readouterr().out
    assert "blink: its figures are skipped" in out
    assert "on-screen point, nine points: skipped" in out


def test_what_cannot_be_read_is_skipped_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path, "good")
    write_clip(tmp_path, "unlabelled", labelled=False)
    (tmp_path / "blink" / "torn.npz").write_bytes(b"PK\x03\x04torn")
    assert [clip.name for clip in folder.clips(tmp_path)] == ["good"]
    out = capsys.readouterr().out
    assert "unlabelled.npz: skipped" in out
    assert "torn.npz: skipped" in out


def test_photos_without_a_face_are_left_out(tmp_path: Path) -> None:
    landmarks = np.array([DrawnFace().landmarks()] * 6, np.float32)
    landmarks[2] = np.nan
    write_photos(tmp_path, "one", CORNERS, landmarks=landmarks, size=np.tile(SIZE, (6, 1)))
    (session,) = folder.photos(tmp_path)
    assert len(session.landmarks) == len(session.targets) == 5
    assert session.size == SIZE


def test_a_page_that_was_shown_smaller_is_brought_back_to_the_screen(tmp_path: Path) -> None:
    write_photos(tmp_path, "fits", CORNERS)
    write_photos(tmp_path, "zoomed", CORNERS / 0.8)
    fits, zoomed = folder.photos(tmp_path)
    assert gazes.unzoomed(fits) is fits
    assert gazes.unzoomed(zoomed).targets == pytest.approx(fits.targets)


def test_a_frame_costs_something_even_without_recordings() -> None:
    (figure,) = cost.figures([])
    assert figure.value > 0
