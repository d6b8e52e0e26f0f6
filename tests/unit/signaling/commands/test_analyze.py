"""What ``rtc-server analyze`` refuses, and how it says so."""

import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from signaling.cli import app


def no_file(folder: Path) -> list[str | Path]:
    return [folder / "nowhere.mp4"]


def no_video(folder: Path) -> list[str | Path]:
    path = folder / "text.mp4"
    path.write_text("no film")
    return [path]


def no_pictures(folder: Path) -> list[str | Path]:
    """A sound."""
    path = folder / "sound.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        silence.rate = 8000
        file.mux(stream.encode(silence))
        file.mux(stream.encode())
    return [path]


def no_tracks(folder: Path) -> list[str | Path]:
    path = folder / "text.npz"
    path.write_text("no landmarks")
    return ["--tracks", path]


def half_tracks(folder: Path) -> list[str | Path]:
    path = folder / "half.npz"
    np.savez(path, media_time=np.arange(3.0), size=np.array([640, 480]))
    return ["--tracks", path]


def odd_tracks(folder: Path) -> list[str | Path]:
    path = folder / "odd.npz"
    landmarks = np.zeros((3, 468, 3))
    np.savez(path, media_time=np.arange(3.0), size=np.array([640, 480]), landmarks=landmarks)
    return ["--tracks", path]


def backward_tracks(folder: Path) -> list[str | Path]:
    path = folder / "backward.npz"
    landmarks = np.zeros((3, 478, 3))
    np.savez(path, media_time=-np.arange(3.0), size=np.array([640, 480]), landmarks=landmarks)
    return ["--tracks", path]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (no_file, "no such file"),
        (no_video, "no video file"),
        (no_pictures, "no video in it"),
        (no_tracks, "no landmark file"),
        (lambda folder: [folder], "a folder"),
        (half_tracks, "lacks landmarks"),
        (odd_tracks, "do not fit"),
        (backward_tracks, "do not rise"),
        (lambda _: [], "nothing to analyse"),
        (lambda _: ["--fps", "fast", "x.mp4"], "no number of frames"),
    ],
)
def test_what_cannot_be_analysed_is_refused_with_a_word(
    tmp_path: Path, make: Callable[[Path], list[str | Path]], word: str
) -> None:
    out = tmp_path / "out.json"
    done = CliRunner().invoke(app, ["analyze", *map(str, make(tmp_path)), "--json", str(out)])
    assert done.exit_code == 2
    assert word in done.stderr
    assert not out.exists()


def test_without_the_drawing_library_a_plot_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = tmp_path / "tracks.npz"
    landmarks = np.full((3, 478, 3), np.nan)
    np.savez(tracks, media_time=np.arange(3.0), size=np.array([640, 480]), landmarks=landmarks)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "rtc_server.analysis.plot", raising=False)
    plot = tmp_path / "out.png"
    done = CliRunner().invoke(app, ["analyze", "--tracks", str(tracks), "--plot", str(plot)])
    assert done.exit_code == 2
    assert "matplotlib" in done.stderr
    assert not plot.exists()


def test_two_tables_are_not_printed_into_each_other(tmp_path: Path) -> None:
    arguments = ["analyze", str(tmp_path / "x.mp4"), "--json", "-", "--csv", "-"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert "cannot both be printed" in done.stderr


def test_a_folder_that_is_not_there_is_named_as_it_was_given(tmp_path: Path) -> None:
    tracks, out = tmp_path / "tracks.npz", tmp_path / "nowhere" / "out.json"
    landmarks = np.full((3, 478, 3), np.nan)
    np.savez(tracks, media_time=np.arange(3.0), size=np.array([640, 480]), landmarks=landmarks)
    done = CliRunner().invoke(app, ["analyze", "--tracks", str(tracks), "--json", str(out)])
    assert done.exit_code == 2
    assert f"{out}: No such file or directory" in done.stderr
