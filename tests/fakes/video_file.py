"""Video files of made pictures, as cameras and telephones write them; for temporary folders."""

import fractions
import struct
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from tests.fakes.pictures import Picture

TIME_BASE = fractions.Fraction(1, 90_000)
_BIT_RATE = 4_000_000


def write_video(
    path: Path,
    frames: Iterable[tuple[float, Picture]],
    codec: str = "mpeg4",
    pixel_shape: fractions.Fraction | None = None,
) -> Path:
    """Encode pictures at their own times (seconds, rising, at any distance); gives ``path``."""
    with av.open(str(path), "w") as file:
        stream: VideoStream | None = None
        for time, picture in frames:
            if stream is None:
                stream = _stream(file, codec, picture)
                if pixel_shape is not None:
                    stream.codec_context.sample_aspect_ratio = pixel_shape
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = round(time / TIME_BASE), TIME_BASE
            file.mux(stream.encode(frame.reformat(format="yuv420p")))
        if stream is not None:
            file.mux(stream.encode())
    return path


def _stream(file: av.container.OutputContainer, codec: str, picture: Picture) -> VideoStream:
    stream = file.add_stream(codec, rate=30)
    assert isinstance(stream, VideoStream)
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.bit_rate = _BIT_RATE
    # MPEG-4 part 2 counts time in 16 bits
    stream.codec_context.time_base = fractions.Fraction(1, 1000) if codec == "mpeg4" else TIME_BASE
    return stream


def hold_upright(path: Path) -> None:
    """Say in an MP4's track header that it is to be shown turned by 90° clockwise.

    So a telephone held upright writes it (ISO 14496-12, 8.3.2: a matrix of nine numbers).
    """
    data = bytearray(path.read_bytes())
    box = data.index(b"tkhd")
    version = data[box + 4]
    matrix = box + 4 + (52 if version else 40)
    turned = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    data[matrix : matrix + 36] = struct.pack(">9i", *turned)
    path.write_bytes(data)
