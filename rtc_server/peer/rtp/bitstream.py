"""What the headers of encoded frames tell before anything is decoded."""

import re

_IDR = 5
_SPS = re.compile(rb"\x00\x00\x01[\x07\x27\x47\x67]")
_SPS_BYTES = 512
_SPS_COUNT = 8
_ABSURD = 1 << 40
"""Pixels of a frame with more parameter sets than anybody would read."""
_WITH_CHROMA = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
"""Profiles whose parameter sets tell the chroma format (ITU-T H.264 section 7.3.2.1.1)."""

_YUV420, _YUV422, _YUV444 = 1, 2, 3
"""``chroma_format_idc`` (table 6-1)."""
_HALF_AS_WIDE = frozenset({_YUV420, _YUV422})
_BLOCK = 16


def is_key_frame(codec: str, data: bytes) -> bool:
    """Whether decoding can begin with this frame (``codec``: VP8 or H264).

    VP8: the inverse key-frame bit and the start code of RFC 6386 section 9.1. H264: the first
    slice of an IDR picture (ITU-T H.264 section 7.3.3: ``first_mb_in_slice`` is 0).
    """
    if codec.upper() == "VP8":
        return data[3:6] == b"\x9d\x01\x2a" and not data[0] & 1
    units = (unit for unit in data.split(b"\x00\x00\x01") if len(unit) > 1)
    return any(unit[0] & 0x1F == _IDR and unit[1] & 0x80 for unit in units)


def pixels(codec: str, data: bytes) -> int | None:
    """Pixels of the pictures from this frame on; None when it does not say, or not rightly."""
    try:
        return _vp8_pixels(data) if codec.upper() == "VP8" else _h264_pixels(data)
    except IndexError:
        return None


def _vp8_pixels(data: bytes) -> int | None:
    """Read width and height of a key frame (RFC 6386 section 9.1): 14 bits each."""
    if not is_key_frame("VP8", data):
        return None
    width, height = data[6] | data[7] << 8, data[8] | data[9] << 8
    return (width & 0x3FFF) * (height & 0x3FFF)


def _h264_pixels(data: bytes) -> int | None:
    """Read the largest sequence parameter set (ITU-T H.264 section 7.3.2.1.1)."""
    found = [match.end() for match in _SPS.finditer(data)]
    if len(found) > _SPS_COUNT:
        return _ABSURD
    sizes = [_sps_pixels(data[start : start + _SPS_BYTES]) for start in found]
    return max(sizes, default=None)


def _sps_pixels(payload: bytes) -> int:
    bits = BitReader(payload.replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    chroma_format = _read_chroma(bits) if profile in _WITH_CHROMA else _YUV420
    bits.golomb()
    _skip_picture_order(bits)
    bits.golomb()
    bits.take(1)
    width, height = bits.golomb() + 1, bits.golomb() + 1
    fields = 2 - bits.take(1)
    bits.take(fields)  # what adapts to fields, where there are two, and direct_8x8_inference_flag
    columns, lines = _cropped(bits, chroma_format, fields)
    return (16 * width - columns) * (16 * height * fields - lines)


def _cropped(bits: "BitReader", chroma_format: int, fields: int) -> tuple[int, int]:
    """Columns and lines that are decoded but not shown: 1080 lines are coded as 1088.

    Whoever hides more than what fills up a macroblock counts with all of it: it is decoded.
    """
    if not bits.take(1):
        return 0, 0
    left, right, top, bottom = (bits.golomb() for _ in range(4))
    columns = (left + right) * (2 if chroma_format in _HALF_AS_WIDE else 1)
    lines = (top + bottom) * (2 if chroma_format == _YUV420 else 1) * fields
    return (columns if columns < _BLOCK else 0), (lines if lines < _BLOCK * fields else 0)


def _read_chroma(bits: "BitReader") -> int:
    """``chroma_format_idc``, and pass what follows of chroma; 0 for planes coded by themselves."""
    chroma_format = bits.golomb()
    separate = bits.take(1) if chroma_format == _YUV444 else 0
    bits.golomb()
    bits.golomb()
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma_format == _YUV444 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)  # noqa: PLR2004 - the spec's
    return 0 if separate else chroma_format


def _skip_scaling_list(bits: "BitReader", size: int) -> None:
    last = scale = 8
    for _ in range(size):
        if scale:
            scale = (last + bits.signed_golomb()) % 256
        last = scale or last


def _skip_picture_order(bits: "BitReader") -> None:
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()


class BitReader:
    """Bits from the front of a byte string; raises IndexError at its end."""

    def __init__(self, data: bytes) -> None:
        """Begin with the highest bit of the first byte."""
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Take an unsigned number of ``count`` bits."""
        if count > self._left:
            raise IndexError
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def golomb(self) -> int:
        """Take an unsigned Exp-Golomb number (ITU-T H.264 section 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        """Take a signed Exp-Golomb number (section 9.1.1)."""
        code = self.golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)
