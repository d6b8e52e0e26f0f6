"""JPEGs from strangers: looked at, then decoded whole or refused; on a vision thread."""

from typing import Literal

import av

from rtc_server.base.errors import FrameRefused
from rtc_server.media.source import MAX_SIDE

CODEC_SLACK = 2
"""FFmpeg compares its limit with the width rounded up to 64: a picture of 1080 columns has 1088."""
MAX_SCANS = 100
"""A progressive picture has about ten; each one may cost a pass over all its blocks."""

_START = b"\xff\xd8"
_END = b"\xff\xd9"
_SCAN = b"\xff\xda"
_SOS = 0xDA
_EOI = 0xD9
_SIZES = frozenset({0xC0, 0xC1, 0xC2})
"""Start of frame: baseline, extended sequential, progressive (ITU-T T.81, table B.1)."""
_OTHER_SIZES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Lossless, hierarchical and arithmetic coding: no camera and no browser writes them."""
_APP1 = 0xE1
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_ENTRY = 12
"""Bytes of an entry of a TIFF directory."""
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


def check_jpeg(data: bytes, max_bytes: int, max_pixels: int) -> tuple[int, int]:
    """Width and height of a JPEG that may be decoded; raises :class:`FrameRefused`.

    Codes: ``frame_too_large`` (bytes), ``frame_not_jpeg``, ``frame_too_many_pixels``,
    ``frame_truncated``, ``frame_corrupt``. Reads the header only: nothing is decompressed.
    """
    if len(data) > max_bytes:
        raise FrameRefused(f"more than {max_bytes} bytes", code="frame_too_large")
    if not data.startswith(_START):
        raise FrameRefused("not a JPEG", code="frame_not_jpeg")
    width, height, scan = _header(data)
    if width * height > max_pixels:
        raise FrameRefused(f"more than {max_pixels} pixels", code="frame_too_many_pixels")
    if max(width, height) > MAX_SIDE:
        raise FrameRefused(f"a side of more than {MAX_SIDE}", code="frame_too_many_pixels")
    if data.rfind(_END, scan) < 0:
        raise FrameRefused("the picture has no end", code="frame_truncated")
    if data.count(_SCAN, scan) > MAX_SCANS:
        raise FrameRefused("too many scans", code="frame_corrupt")
    return width, height


def _header(data: bytes) -> tuple[int, int, int]:
    """Width, height and the place of the first scan (ITU-T T.81, B.1.1 and B.2.2)."""
    size: tuple[int, int] | None = None
    at = len(_START)
    while True:
        at, marker = _marker(data, at)
        if marker in _BARE:
            continue
        if marker == _SOS and size is not None:
            return *size, at - 2
        if marker in _SIZES and size is None:
            size = _size(data, at)
        elif marker in _OTHER_SIZES or marker in _SIZES or marker in {_SOS, _EOI}:
            raise FrameRefused("not the JPEG of a camera", code="frame_corrupt")
        at += max(2, int.from_bytes(data[at : at + 2], "big"))


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The place after the next marker, and the marker; fill bytes may stand before it."""
    if at + 1 >= len(data):
        raise FrameRefused("the header has no end", code="frame_truncated")
    if data[at] != 0xFF:  # noqa: PLR2004 - every marker starts so
        raise FrameRefused("no marker where one must be", code="frame_corrupt")
    while at < len(data) and data[at] == 0xFF:  # noqa: PLR2004
        at += 1
    return at + 1, data[at] if at < len(data) else _EOI


def _size(data: bytes, at: int) -> tuple[int, int]:
    height = int.from_bytes(data[at + 3 : at + 5], "big")
    width = int.from_bytes(data[at + 5 : at + 7], "big")
    if not width or not height:
        raise FrameRefused("no extent", code="frame_corrupt")
    return width, height


def orientation(data: bytes) -> int:
    """How an upright picture lies in the JPEG ``data``: 1 (as it is) to 8 (EXIF 2.32, 4.6.4).

    A camera or a gallery's picture that was taken with the phone on its side says so here only.
    1 where nothing readable is said. Looks no further than the start of frame.
    """
    at = len(_START)
    try:
        while True:
            at, marker = _marker(data, at)
            if marker in _BARE:
                continue
            if marker in _SIZES or marker in _OTHER_SIZES or marker in {_SOS, _EOI}:
                return 1
            length = max(2, int.from_bytes(data[at : at + 2], "big"))
            body = data[at + 2 : at + length]
            if marker == _APP1 and body.startswith(_EXIF):
                return _orientation(body[len(_EXIF) :])
            at += length
    except FrameRefused:
        return 1


def _orientation(tiff: bytes) -> int:
    """Of the first directory of a TIFF header (TIFF 6.0, section 2)."""
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    start = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[start : start + 2], order)
    entries = tiff[start + 2 : start + 2 + _ENTRY * count]
    for at in range(0, len(entries), _ENTRY):
        if int.from_bytes(entries[at : at + 2], order) == _ORIENTATION:
            told = int.from_bytes(entries[at + 8 : at + 10], order)
            return told if told in range(1, 9) else 1
    return 1


class JpegDecoder:
    """Decodes one JPEG after the other; keeps nothing of them."""

    def __init__(self, max_bytes: int, max_pixels: int) -> None:
        """``max_bytes`` of a compressed, ``max_pixels`` of a decoded picture."""
        self._limits = max_bytes, max_pixels
        self._codec = av.CodecContext.create("mjpeg", "r")
        self._codec.thread_count = 1
        # A damaged picture is an error, not a grey area; and a second header inside the picture
        # cannot ask for more than the first was allowed.
        self._codec.options = {"err_detect": "explode", "max_pixels": str(CODEC_SLACK * max_pixels)}

    def decode(self, data: bytes) -> av.VideoFrame:
        """The picture in its own YUV or grey format; raises :class:`FrameRefused`."""
        size = check_jpeg(data, *self._limits)
        try:
            frames = self._codec.decode(av.Packet(data))
        except (av.FFmpegError, ValueError) as error:
            raise FrameRefused("the picture is damaged", code="frame_corrupt") from error
        for frame in frames:
            if (frame.width, frame.height) == size:
                return frame
        raise FrameRefused("there is no picture in it", code="frame_corrupt")
