"""Frames to pictures: planes for mesh and quality, RGB where asked for; on a vision thread."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
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

_SUBSAMPLED = {
    **dict.fromkeys(("yuv420p", "yuvj420p"), (2, 2)),
    **dict.fromkeys(("yuv422p", "yuvj422p"), (2, 1)),
    **dict.fromkeys(("yuv444p", "yuvj444p"), (1, 1)),
    "gray": (1, 1),
}
"""Formats whose planes are taken as they are: columns and rows of luma to one of chroma."""
_TURNABLE = {name for name, (columns, rows) in _SUBSAMPLED.items() if columns == rows}
"""Those whose planes can be turned by themselves."""
_OTHERS = "yuv444p"
"""What all other formats become."""
_FULL = ("yuvj", "gray")
"""Formats that use all 256 codes, whatever the frame says."""
_MOST_PIXELS = 1 << 23
"""A place in a plane is told exactly by a float of 32 bits, padding included."""


@dataclass(frozen=True, slots=True)
class Luma:
    """The brightness of a picture, and the codes that mean black and white."""

    pixels: Pixels
    """(height, width), not to be written to."""
    black: int
    white: int


@dataclass(frozen=True, slots=True)
class Plane:
    """One component of a picture where the decoder left it, a line's padding included."""

    codes: Pixels
    """(lines * stride,), not to be written to."""
    stride: int
    width: int
    height: int

    @property
    def pixels(self) -> Pixels:
        """(height, width)."""
        return self.codes.reshape(-1, self.stride)[: self.height, : self.width]


class Picture:
    """A decoded frame as vision sees it; good until its converter is given the next one."""

    def __init__(self, frame: av.VideoFrame, to_rgb: VideoReformatter) -> None:
        """``frame``: of a format in which the luma is a plane by itself."""
        self.width, self.height = frame.width, frame.height
        self.subsampled = _SUBSAMPLED[frame.format.name]
        """Columns and rows of luma to one of chroma."""
        self.full_range = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(
            _FULL
        )
        """Whether black and white are 0 and 255; else 16 and 235."""
        self.bt709 = frame.colorspace == Colorspace.ITU709
        """Whether its colours are those of BT.709; else of BT.601, as all are that say nothing."""
        self._frame = frame
        self._to_rgb = to_rgb

    @cached_property
    def planes(self) -> Sequence[Plane]:
        """Luma, and blue and red over it; the luma alone where all is grey."""
        return [
            Plane(_codes(plane), plane.line_size, plane.width, plane.height)
            for plane in self._frame.planes
        ]

    @cached_property
    def rgb(self) -> Pixels:
        """Contiguous (height, width, 3): converted when first asked for."""
        converted = self._to_rgb.reformat(
            self._frame,
            format="rgb24",
            interpolation=Interpolation.FAST_BILINEAR,
            threads=1,
        )
        rows = _codes(converted.planes[0]).reshape(-1, converted.planes[0].line_size)
        whole = rows[: self.height, : 3 * self.width]
        return np.ascontiguousarray(whole).reshape(self.height, self.width, 3)

    @property
    def luma(self) -> Luma:
        """The brightness: a view of the frame's memory."""
        black, white = (0, 255) if self.full_range else (16, 235)
        return Luma(self.planes[0].pixels, black, white)


class Converter:
    """Turns the frames of one session into pictures; not to be used by two threads at once.

    Its scalers are kept: one made per frame starts and stops threads of its own. A change of
    size or format in mid-stream only costs a new set-up.
    """

    def __init__(self, max_frame_bytes: int, max_pixels: int) -> None:
        """Limits of a JPEG; a larger decoded frame is scaled down to ``max_pixels``."""
        self._most = min(max_pixels, _MOST_PIXELS)
        self._jpeg_limits = max_frame_bytes, max_pixels
        self._jpeg: JpegDecoder | None = None
        self._to_rgb = VideoReformatter()
        self._to_planes = VideoReformatter()

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
        if frame.format.name not in _TURNABLE:
            frame = self._to_planes.reformat(frame, format=_OTHERS, threads=1)
        planes = [_UPRIGHT[lies](plane.pixels) for plane in Picture(frame, self._to_rgb).planes]
        height, width = planes[0].shape
        upright = av.VideoFrame(width, height, frame.format.name)
        upright.color_range, upright.colorspace = frame.color_range, frame.colorspace
        for plane, pixels in zip(upright.planes, planes, strict=True):
            lines = _codes(plane).reshape(-1, plane.line_size)
            lines[: plane.height, : plane.width] = pixels
        return upright

    def picture(self, frame: av.VideoFrame) -> Picture:
        """The frame's planes where they lie; copied only where vision cannot read or bear them."""
        width, height = self._target(frame)
        if width != frame.width or not _readable(frame):
            frame = self._to_planes.reformat(
                frame,
                width=width,
                height=height,
                format=frame.format.name if frame.format.name in _SUBSAMPLED else _OTHERS,
                interpolation=Interpolation.FAST_BILINEAR,
                threads=1,
            )
        return Picture(frame, self._to_rgb)

    def _target(self, frame: av.VideoFrame) -> tuple[int, int]:
        most = math.sqrt(self._most * frame.width / frame.height)
        if frame.width <= most:
            return frame.width, frame.height
        width = max(1, int(most))
        return width, max(1, round(frame.height * width / frame.width))


def _readable(frame: av.VideoFrame) -> bool:
    """Whether its planes are taken as they are: known, and with their first line first."""
    return frame.format.name in _SUBSAMPLED and all(p.line_size > 0 for p in frame.planes)


def _codes(plane: av.video.plane.VideoPlane) -> Pixels:
    """All of its memory."""
    return np.frombuffer(memoryview(plane), np.uint8)
