"""Pictures: decoded to what vision takes, or refused; the decoder goes on with the next one."""

import io

import av
import numpy as np
from PIL import Image

from benchmarks.fuzz.targets import Target
from rtc_server.base.errors import FrameRefused
from rtc_server.media.frames import Converter
from rtc_server.vision.crop import Crop
from rtc_server.vision.region import Region

MAX_BYTES = 64 * 1024
MAX_PIXELS = 128 * 128
CODES = frozenset(
    {
        *("frame_too_large", "frame_not_jpeg", "frame_too_many_pixels"),
        *("frame_truncated", "frame_corrupt"),
    }
)
CONVERTER = Converter(MAX_BYTES, MAX_PIXELS)
CROP = Crop()
WHOLE = Region(0.5, 0.5, 1.2, 1.2, 0.3)
MARKERS = tuple(chr(0xFF) + chr(code) for code in (0xC0, 0xC2, 0xC4, 0xD0, 0xD9, 0xDA, 0xDB, 0xDD))

av.logging.set_level(None)


def run(data: bytes) -> None:
    """Decode one picture and convert it."""
    try:
        frame = CONVERTER.decode(data)
    except FrameRefused as refused:
        assert refused.code in CODES, refused.code
        return
    assert frame.width * frame.height <= MAX_PIXELS
    picture = CONVERTER.picture(frame)
    assert picture.rgb.shape == (frame.height, frame.width, 3)
    assert picture.luma.pixels.shape == (frame.height, frame.width)
    CROP.take(picture, WHOLE)
    assert np.isfinite(CROP.luma).all()


def _picture(mode: str, size: int, **options: object) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (size, size, 3), np.uint8)
    made = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(made, "JPEG", **options)
    return made.getvalue()


TARGET = Target(
    run,
    [
        _picture("RGB", 16),
        _picture("RGB", 32, subsampling=0, quality=30),
        _picture("RGB", 24, progressive=True),
        _picture("L", 16),
        _picture("CMYK", 16),
        _picture("RGB", 16, restart_marker_blocks=1),
        b"\xff\xd8\xff\xd9",
    ],
    MARKERS,
)
