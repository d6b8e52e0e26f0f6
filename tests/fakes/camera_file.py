"""A camera made of a file: real moving faces for Chromium's ``--use-file-for-fake-video-capture``.

Files are large (138 MB for ten seconds at 30 frames a second) and belong into temporary folders.
"""

import fractions
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.fakes import pictures
from tests.fakes.pictures import Picture

LOOP_SECONDS = 10.0
"""Every movement has a whole number of periods in it, so the file loops without a jump."""


def write_y4m(path: Path, frames: Iterable[Picture], fps: float) -> Path:
    """Write (height, width, 3) RGB pictures of one size, even sides, as YUV4MPEG2; gives ``path``.

    As mjpegtools' yuv4mpeg(5) has it: 4:2:0, progressive, square pixels, limited range.
    """
    rate = fractions.Fraction(fps).limit_denominator(1001)
    size = None
    with path.open("wb") as file:
        for picture in frames:
            height, width = picture.shape[:2]
            if size is None:
                size = (width, height)
                header = f"YUV4MPEG2 W{width} H{height} F{rate.numerator}:{rate.denominator}"
                file.write(f"{header} Ip A1:1 C420\n".encode())
            if (width, height) != size or width % 2 or height % 2:
                raise ValueError(f"all frames of a y4m have one size with even sides, {size}")
            file.write(b"FRAME\n")
            file.write(_planes(picture))
    return path


def moving_face(fps: float, seconds: float = LOOP_SECONDS, noise: float = 2.0) -> Iterator[Picture]:
    """The astronaut before a hand-held camera: 640x480, it pans, zooms and has a noisy sensor.

    Loops smoothly where ``seconds`` is a whole number of ``LOOP_SECONDS``. ``noise``: its standard
    deviation in grey levels.
    """
    sensor = SensorNoise(noise)
    for index in range(round(seconds * fps)):
        turn = 2 * math.pi * index / fps / LOOP_SECONDS
        dx = 32 + 24 * math.sin(turn) + 4 * math.sin(3 * turn)
        dy = -76 + 10 * math.sin(2 * turn) + 3 * math.cos(5 * turn)
        yield sensor.on(pictures.panned(dx, dy, zoom=1.75 + 0.13 * math.sin(2 * turn)))


def write_face(path: Path, fps: float, seconds: float = LOOP_SECONDS) -> Path:
    """Write :func:`moving_face` to ``path``."""
    return write_y4m(path, moving_face(fps, seconds), fps)


class SensorNoise:
    """Gaussian noise of all pixels, fresh for each frame, at a small part of its usual cost."""

    _FIELDS = 4

    def __init__(self, sigma: float, seed: int = 1) -> None:
        """``sigma``: standard deviation in grey levels."""
        self._random = np.random.default_rng(seed)
        self._sigma = sigma
        self._pool: NDArray[np.int16] | None = None

    def on(self, picture: Picture) -> Picture:
        """The (height, width, 3) picture as such a sensor sees it."""
        if self._sigma <= 0:
            return picture
        shift = self._random.integers(0, picture.shape[:2])
        field = np.roll(self._field(picture), tuple(shift.tolist()), axis=(0, 1))
        noisy: Picture = np.clip(picture + field, 0, 255).astype(np.uint8)
        return noisy

    def _field(self, picture: Picture) -> NDArray[np.int16]:
        if self._pool is None or self._pool.shape[1:] != picture.shape:
            shape = (self._FIELDS, *picture.shape)
            self._pool = np.rint(self._random.normal(0, self._sigma, shape)).astype(np.int16)
        field: NDArray[np.int16] = self._pool[self._random.integers(self._FIELDS)]
        return field


def _planes(picture: Picture) -> bytes:
    """Y, U and V without padding."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return frame.reformat(format="yuv420p").to_ndarray().tobytes()
