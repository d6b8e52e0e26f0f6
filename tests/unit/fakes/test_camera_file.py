from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.fakes import pictures
from tests.fakes.camera_file import SensorNoise, moving_face, write_y4m


def test_a_decoder_reads_back_size_rate_and_every_picture(tmp_path: Path) -> None:
    shown = [np.full((48, 64, 3), shade, np.uint8) for shade in (30, 120, 220)]

    path = write_y4m(tmp_path / "camera.y4m", shown, 30)

    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        read = [frame.to_ndarray(format="rgb24") for frame in file.decode(stream)]
    assert (stream.width, stream.height) == (64, 48)
    assert stream.average_rate == Fraction(30)
    assert len(read) == len(shown)
    for picture, expected in zip(read, shown, strict=True):
        assert np.abs(picture.astype(int) - expected).max() <= 2


def test_pictures_of_two_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one size"):
        write_y4m(tmp_path / "camera.y4m", [pictures.black(64, 48), pictures.black(32, 48)], 10)


def test_the_face_moves_and_loops() -> None:
    frames = list(moving_face(fps=2, noise=0))

    def difference(a: int, b: int) -> float:
        return float(np.abs(frames[a].astype(int) - frames[b]).mean())

    assert len(frames) == 20
    assert all(frame.shape == (480, 640, 3) for frame in frames)
    assert difference(0, 5) > 5
    assert difference(-1, 0) < 2 * difference(0, 1) + 1


def test_noise_is_fresh_in_each_frame_and_of_the_wanted_size() -> None:
    grey = np.full((480, 640, 3), 128, np.uint8)
    sensor = SensorNoise(4.0)
    first, second = (sensor.on(grey).astype(int) - 128 for _ in range(2))
    assert first.std() == pytest.approx(4, abs=0.2)
    assert (first - second).std() == pytest.approx(4 * 2**0.5, abs=0.4)
