"""A student's camera for aiortc publishers: the moving face, rendered once and played for ever."""

import itertools
from collections.abc import Iterator
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from tests.fakes.camera_file import moving_face
from tests.fakes.pictures import video_frame
from tests.fakes.publisher import FramesTrack

Planes = NDArray[np.uint8]


def face_track(fps: float = 10.0) -> FramesTrack:
    """640x480; the first one of a rate takes a few seconds to make."""
    return FramesTrack(_endless(_rendered(fps)), fps)


@cache
def _rendered(fps: float) -> tuple[Planes, ...]:
    return tuple(_planes(picture) for picture in moving_face(fps))


def _planes(picture: NDArray[np.uint8]) -> Planes:
    return video_frame(picture).to_ndarray().astype(np.uint8, copy=False)


def _endless(pictures: tuple[Planes, ...]) -> Iterator[av.VideoFrame]:
    """Frames of their own for each track: the sender's timestamps are written into them."""
    for planes in itertools.cycle(pictures):
        yield av.VideoFrame.from_ndarray(planes, format="yuv420p")
