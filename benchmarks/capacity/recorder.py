"""Renders and encodes a run's recording."""

from fractions import Fraction
from io import BytesIO

import av
from av.video.codeccontext import VideoCodecContext
from PIL import Image

from benchmarks.capacity.recording import Encoded, Recording, Rgb
from rtc_server.session.advice import STEPS
from tests.fakes.camera_file import moving_face

WIDTH, HEIGHT = 640, 480
KEY_FRAME_SECONDS = 5.0
BITRATE = 400_000
"""Bits a second at full size, as Chromium sends 640x480 at ten frames a second."""
JPEG_QUALITY = 70
"""What the seeds' pages asked ``canvas.toDataURL`` for."""


def record(fps: float, scales: tuple[float, ...] = STEPS) -> Recording:
    """Render ten seconds and encode them."""
    pictures = list(moving_face(fps))
    return Recording(
        fps,
        {scale: encoded(pictures, fps, scale) for scale in scales},
        tuple(_jpeg(picture) for picture in pictures),
    )


def encoded(pictures: list[Rgb], fps: float, scale: float) -> Encoded:
    """The pictures as VP8, ``scale`` times smaller."""
    codec = _encoder(fps, scale)
    frames, keys = [], set()
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        small = frame.reformat(codec.width, codec.height, "yuv420p", interpolation="AREA")
        small.pts, small.time_base = index, codec.time_base
        for packet in codec.encode(small):
            if packet.is_keyframe:
                keys.add(index)
            frames.append(bytes(packet))
    return Encoded(fps, tuple(frames), frozenset(keys))


def _encoder(fps: float, scale: float) -> VideoCodecContext:
    """VP8 as aiortc and browsers set it up for calls: one picture in, one out."""
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height = _even(WIDTH / scale), _even(HEIGHT / scale)
    codec.pix_fmt = "yuv420p"
    codec.time_base = Fraction(1, round(fps))
    codec.bit_rate = round(BITRATE * fps / 10 / scale)
    codec.gop_size = round(KEY_FRAME_SECONDS * fps)
    codec.thread_count = 1
    codec.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    return codec


def _even(length: float) -> int:
    return 2 * round(length / 2)


def _jpeg(picture: Rgb) -> bytes:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
