"""One camera's picture of a moving face, encoded once for all publishers of a run.

Read by processes of both environments (see ``benchmarks.bare``).
"""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Encoded:
    """VP8 frames of one size and rate; it loops, and its first is a key frame."""

    fps: float
    frames: tuple[bytes, ...]
    key_frames: frozenset[int]
    """Indices at which a decoder can begin."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The same seconds at one rate, at every size that may be advised, and as JPEGs."""

    fps: float
    scales: dict[float, Encoded]
    jpegs: tuple[bytes, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what :meth:`save` wrote into this run's own folder."""
        recording: Self = pickle.loads(path.read_bytes())
        return recording

    def save(self, path: Path) -> Path:
        """Write it for the processes of this run."""
        path.write_bytes(pickle.dumps(self))
        return path


def decoded(encoded: Encoded) -> list[Rgb]:
    """What a receiver sees of it, as (height, width, 3) RGB."""
    codec = av.CodecContext.create("vp8", "r")
    assert isinstance(codec, VideoCodecContext)
    frames = [frame for data in encoded.frames for frame in codec.decode(av.Packet(data))]
    return [frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False) for frame in frames]
