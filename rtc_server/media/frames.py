"""Frames of any format to RGB for the model and luma for the quality; on a vision thread."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from rtc_server.base.errors import FrameRefused
from rtc_server.media.jpeg import JpegDecoder, orientation
from rtc_server.media.source import MAX_SIDE, Undecoded

Pixels = NDArray[np.uint8]

_UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels.swapaxes(0, 1), 2),
    8: np.rot90,
}
"""What makes a picture upright that lies as EXIF's orientation says."""
_LIES = {90: 8, -90: 6, 180: 3, -180: 3}
"""The same orientation by the degrees that an H264 stream asks to be turned by."""

_LUMA_FIRST = frozenset(
    {
        *("yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p"),
        *("nv12", "nv21", "gray"),
    }
)
"""Formats whose first plane is the luma in bytes."""


@dataclass(frozen=True, slots=True)
class Luma:
    """The brightness of a picture, and the codes that mean black and white."""

    pixels: Pixels
    """(height, width), not to be written to."""
    black: int
    white: int


class RgbConverter:
    """Turns the frames of one session into arrays; not to be used by two threads at once.

    Its scalers are kept: one made per frame starts and stops threads of its own. A change of
    size or format in mid-stream only costs a new set-up.
    """

    def __init__(self, max_frame_bytes: int, max_pixels: int) -> None:
        """Limits of a JPEG; a larger decoded frame is scaled down to ``max_pixels``."""
        self._max_pixels = max_pixels
        self._jpeg_limits = max_frame_bytes, max_pixels
        self._jpeg: JpegDecoder | None = None
        self._to_rgb = VideoReformatter()
        self._to_grey = VideoReformatter()

    def decode(self, image: av.VideoFrame | Undecoded | bytes) -> av.VideoFrame:
        """The frame itself, or a JPEG's, upright.

        Raises :class:`~rtc_server.base.errors.FrameRefused`.
        """
        if isinstance(image, bytes):
            frame, lies = self._decoded(image), orientation(image)
        else:
            frame = image if isinstance(image, av.VideoFrame) else image.decode()
            lies = _LIES.get(frame.rotation, 1)
        if max(frame.width, frame.height) > MAX_SIDE:  # of a recording: the rest was looked at
            raise FrameRefused(f"a side of more than {MAX_SIDE}", code="frame_too_many_pixels")
        return frame if lies == 1 else self._turned(frame, lies)

    def _decoded(self, image: bytes) -> av.VideoFrame:
        if self._jpeg is None:
            self._jpeg = JpegDecoder(*self._jpeg_limits)
        return self._jpeg.decode(image)

    def _turned(self, frame: av.VideoFrame, lies: int) -> av.VideoFrame:
        """Rare, so by way of RGB: planes of half the width would not stay what they are."""
        upright = np.ascontiguousarray(_UPRIGHT[lies](self.rgb(frame)))
        return av.VideoFrame.from_ndarray(upright, format="rgb24")

    def rgb(self, frame: av.VideoFrame, width: int | None = None) -> Pixels:
        """Contiguous (height, width, 3) RGB, at the frame's own size or scaled to ``width``."""
        width, height = self._target(frame, width)
        converted = self._to_rgb.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            interpolation=Interpolation.FAST_BILINEAR,
            threads=1,
        )
        rows = _rows(converted)[:, : 3 * width]
        return np.ascontiguousarray(rows).reshape(height, width, 3)

    def luma(self, frame: av.VideoFrame) -> Luma:
        """The brightness at the frame's own size; a view of its memory where it can be."""
        if frame.format.name not in _LUMA_FIRST:
            frame = self._to_grey.reformat(frame, format="gray", threads=1)
        pixels = _rows(frame)[:, : frame.width]
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(
            ("yuvj", "gray")
        )
        return Luma(pixels, 0, 255) if full else Luma(pixels, 16, 235)

    def _target(self, frame: av.VideoFrame, width: int | None) -> tuple[int, int]:
        most = math.sqrt(self._max_pixels * frame.width / frame.height)
        if width is None and frame.width <= most:
            return frame.width, frame.height
        width = max(1, min(width or frame.width, int(most)))
        return width, max(1, round(frame.height * width / frame.width))


def _rows(frame: av.VideoFrame) -> Pixels:
    """The first plane, one line of memory a row (padding included)."""
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height]
