"""What a codec leaves of pictures: encoded as a browser does, and decoded again."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np

from tests.fakes.student.photo import Picture

Timed = tuple[float, Picture]

_OPTIONS = {
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    "libx264": {"preset": "ultrafast", "tune": "zerolatency"},
}
_TICKS = 90_000


def filmed(
    frames: Iterable[Timed], *, codec: str = "libvpx", bitrate: int = 300_000, fps: int = 10
) -> Iterator[Timed]:
    """Each picture after ``codec`` (``libvpx`` or ``libx264``) at so many bits a second."""
    encoder: av.VideoCodecContext | None = None
    decoder = av.CodecContext.create({"libvpx": "vp8", "libx264": "h264"}[codec], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    for time, picture in frames:
        if encoder is None:
            encoder = _encoder(codec, picture, bitrate, fps)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = round(time * _TICKS), Fraction(1, _TICKS)
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                yield time, decoded.to_ndarray(format="rgb24").astype(np.uint8)


def _encoder(codec: str, picture: Picture, bitrate: int, fps: int) -> av.VideoCodecContext:
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt = "yuv420p"
    encoder.bit_rate = bitrate
    encoder.framerate = Fraction(fps)
    encoder.time_base = Fraction(1, _TICKS)
    encoder.options = _OPTIONS[codec]
    return encoder
