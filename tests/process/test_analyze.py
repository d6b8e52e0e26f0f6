"""``rtc-server analyze`` as a person runs it: a process, files in, files out."""

import csv
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from rtc_server.base.config import VisionConfig
from rtc_server.media.source import Frame
from rtc_server.metrics import wire
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.landmarks import FaceModels
from tests.fakes import pictures
from tests.fakes.drawn_face import SIZE as DRAWN_SIZE
from tests.fakes.drawn_face import DrawnFace
from tests.fakes.student.script import Blink, Script, Segment
from tests.fakes.student.shot import Shot
from tests.fakes.student.student import Student
from tests.fakes.video_file import hold_upright, write_video

ROOT = Path(__file__).parents[2]
SIZE = (400, 300)
AT_SCREEN = Shot(gaze=(0.0, -8.0), noise=2.0, distance_cm=45.0)
CAMERA_FPS = 15
SCRIPT = Script(
    (Segment(7.0, AT_SCREEN), Segment(3.0, Shot(present=False)), Segment(2.0, AT_SCREEN)),
    (Blink(2.55, 2.8), Blink(4.3, 4.55), Blink(5.85, 6.1)),
)
ACCOUNTS = ("focused_time", "unfocused_time", "unknown_time")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "signaling", "analyze", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def analysed(*arguments: str | Path) -> dict[str, Any]:
    """What ``--json -`` prints for one recording."""
    done = analyze(*arguments, "--json", "-")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
def lesson(folder: Path) -> Path:
    """Twelve seconds at a camera of fifteen frames a second: blinks, then nobody, then back."""
    frames = SCRIPT.frames(Student(SIZE), SCRIPT.steady(CAMERA_FPS))
    return write_video(folder / "lesson.mp4", frames)


@pytest.fixture(scope="module")
def still() -> pictures.Picture:
    return Student(SIZE).render(AT_SCREEN)


@pytest.fixture(scope="module")
def tracks(folder: Path) -> Path:
    """Twelve seconds of drawn landmarks at 25 frames a second, from 100 s on; two blinks."""
    times = 100 + np.arange(300) / 25
    faces = []
    for time in times.tolist():
        shut = 105.0 <= time < 105.2 or 108.0 <= time < 108.2
        faces.append(DrawnFace(openness=0.05 if shut else 1.0).landmarks())
    landmarks = np.asarray(faces, np.float32)
    landmarks[-5:] = np.nan
    path = folder / "tracks.npz"
    np.savez(path, media_time=times, landmarks=landmarks, size=np.array(DRAWN_SIZE))
    return path


def lines(table: Path) -> list[dict[str, str]]:
    with table.open() as file:
        return list(csv.DictReader(file))


def overlap(found: list[list[float]], blinks: tuple[Blink, ...]) -> bool:
    return len(found) == len(blinks) and all(
        start <= blink.end + 0.2 and end >= blink.start - 0.2
        for (start, end), blink in zip(found, blinks, strict=True)
    )


@pytest.mark.timeout(180)
def test_a_video_becomes_numbers(lesson: Path, tmp_path: Path) -> None:
    out = {kind: tmp_path / f"out.{kind}" for kind in ("json", "csv", "png")}

    done = analyze(
        lesson, "--json", out["json"], "--csv", out["csv"], "--plot", out["png"], "--fps", "10"
    )

    assert done.returncode == 0, done.stderr
    assert "lesson.mp4" in done.stderr
    assert "real time" in done.stderr
    told = json.loads(out["json"].read_text())
    assert told["video"] == str(lesson)
    assert told["fps"] == 10
    assert told["duration"] == pytest.approx(SCRIPT.duration - 1 / CAMERA_FPS, abs=0.01)
    assert overlap(told["blinks"], SCRIPT.blinks)

    summary = told["summary"]
    assert sum(summary[account] for account in ACCOUNTS) == pytest.approx(told["duration"])
    assert summary["pending_time"] == 0
    assert summary["unfocused_by_cause"]["no_face"] == pytest.approx(3.0, abs=0.4)
    assert summary["focused_time"] == pytest.approx(9.0, abs=0.5)
    assert summary["blink_count"] == 3

    rows = [wire.decode_server(json.dumps(frame)) for frame in told["frames"]]
    assert len(rows) == pytest.approx(120, abs=1)
    assert all(isinstance(row, wire.Metrics) for row in rows)

    table = lines(out["csv"])
    assert [float(line["media_time"]) for line in table] == [
        frame["media_time"] for frame in told["frames"]
    ]
    assert {line["video"] for line in table} == {str(lesson)}
    absent = next(line for line in table if float(line["media_time"]) >= 9)
    assert (absent["face_count"], absent["head_pose_yaw"]) == ("0", "")

    with Image.open(out["png"]) as drawn:
        assert drawn.format == "PNG"
        assert len(drawn.convert("RGB").getcolors(1 << 24) or []) > 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.json", "out.png"]


@pytest.mark.timeout(180)
def test_the_native_rate_takes_every_frame_and_gives_the_same_account(lesson: Path) -> None:
    told = analysed(lesson, "--fps", "native")
    assert len(told["frames"]) == SCRIPT.duration * CAMERA_FPS
    assert told["fps"] == pytest.approx(CAMERA_FPS, abs=0.1)
    assert overlap(told["blinks"], SCRIPT.blinks)
    assert told["summary"]["focused_time"] == pytest.approx(9.0, abs=0.5)


def test_landmarks_are_analysed_in_their_own_times(tracks: Path) -> None:
    told = analysed("--tracks", tracks)
    assert told["frames"][0]["media_time"] == 100
    assert overlap(told["blinks"], (Blink(105.0, 105.2), Blink(108.0, 108.2)))
    assert told["duration"] == pytest.approx(11.96)
    assert sum(told["summary"][account] for account in ACCOUNTS) == pytest.approx(11.96)
    assert told["frames"][-1]["face_count"] == 0


def test_several_recordings_are_a_list_and_one_table(
    tracks: Path, still: pictures.Picture, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "short.webm", [(i / 10, still) for i in range(5)], "libvpx")
    table, listed = tmp_path / "all.csv", tmp_path / "all.json"

    done = analyze(video, "--tracks", tracks, "--json", listed, "--csv", table)

    assert done.returncode == 0, done.stderr
    assert [each["video"] for each in json.loads(listed.read_text())] == [str(video), str(tracks)]
    assert {line["video"] for line in lines(table)} == {str(video), str(tracks)}
    assert str(len(json.loads(listed.read_text())[1]["blinks"])) in done.stdout


def test_a_telephone_s_video_is_turned_upright(still: pictures.Picture, tmp_path: Path) -> None:
    lying = np.rot90(still)
    path = write_video(tmp_path / "held.mp4", [(i / 10, lying) for i in range(6)], "libx264")
    hold_upright(path)
    last = analysed(path)["frames"][-1]
    assert last["face_count"] == 1
    assert last["head_pose"]["roll"] == pytest.approx(0, abs=4)


def test_narrow_pixels_are_shown_square(still: pictures.Picture, tmp_path: Path) -> None:
    """As DV has them: half of the columns, each twice as wide."""
    narrow = np.ascontiguousarray(still[:, ::2])
    frames = [(i / 10, narrow) for i in range(6)]
    path = write_video(tmp_path / "narrow.mp4", frames, "libx264", Fraction(2))
    wide = write_video(tmp_path / "wide.mp4", [(i / 10, still) for i in range(6)], "libx264")
    shown, expected = (analysed(each)["frames"][-1]["quality"] for each in (path, wide))
    assert shown["inter_ocular_px"] == pytest.approx(expected["inter_ocular_px"], rel=0.04)


def test_a_variable_rate_counts_by_its_time_stamps(still: pictures.Picture, tmp_path: Path) -> None:
    """Thirty a second, then five a second, then a hole of two seconds."""
    times = (
        [i / 30 for i in range(60)]
        + [2 + i / 5 for i in range(10)]
        + [5.8 + i / 5 for i in range(11)]
    )
    path = write_video(tmp_path / "variable.mp4", [(time, still) for time in times])
    told = analysed(path)
    taken = [frame["media_time"] for frame in told["frames"]]
    assert sum(time < 2 for time in taken) == pytest.approx(20, abs=2)
    assert [time for time in taken if time >= 2.2] == pytest.approx(
        [time for time in times if time >= 2.2], abs=0.002
    )
    assert told["duration"] == pytest.approx(7.8, abs=0.002)
    assert told["summary"]["unknown_by_cause"]["no_frames"] == pytest.approx(2.0, abs=0.01)


def test_the_good_part_of_a_damaged_video_is_analysed(lesson: Path, tmp_path: Path) -> None:
    data = bytearray(write_video_ts(lesson, tmp_path / "lesson.ts").read_bytes())
    damaged = tmp_path / "damaged.ts"
    damaged.write_bytes(data[: len(data) // 3])
    told = analysed(damaged)
    assert told["duration"] == pytest.approx(5 / 3, abs=0.8)
    assert told["summary"]["detection_rate"] == 100


def write_video_ts(source: Path, path: Path) -> Path:
    """The same pictures in a container that can be cut anywhere."""
    with av.open(str(source)) as file:
        images = list(file.decode(video=0))[:75]
    frames = ((image.time, image.to_ndarray(format="rgb24").astype(np.uint8)) for image in images)
    return write_video(path, frames, "libx264")


def test_every_reason_is_told_at_once(tmp_path: Path) -> None:
    done = analyze(tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert done.returncode == 2
    assert "a.mp4" in done.stderr
    assert "b.mp4" in done.stderr


def test_an_output_that_cannot_be_written_is_told(tracks: Path, tmp_path: Path) -> None:
    done = analyze("--tracks", tracks, "--json", tmp_path / "nowhere" / "out.json")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_s_video_and_a_session_s_frames_are_seen_alike(lesson: Path) -> None:
    """The file's frames, given to a session's own track one by one."""
    told = analysed(lesson)
    models, track = FaceModels(), FaceTrack(VisionConfig())
    with av.open(str(lesson)) as file:
        images = list(file.decode(video=0))
    for row in told["frames"][:20]:
        image = next(each for each in images if abs(each.time - row["media_time"]) < 0.001)
        observation = track.observe(models, Frame(image.time, image.time, image), image.time)
        assert observation.face is not None
        assert row["head_pose"]["yaw"] == pytest.approx(observation.face.head_pose.yaw, abs=0.051)
        assert row["face_count"] == observation.face_count
    models.close()
