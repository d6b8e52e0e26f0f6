"""What the headers of encoded frames tell before anything is decoded. Pure.

The decoders are native: they take what memory a header asks for. So a header that cannot be read
here to its last bit, in each way that FFmpeg might read it, is :class:`Unreadable`, and what
cannot be read is not decoded.
"""

import re
from dataclasses import dataclass

from rtc_server.media.source import MAX_SIDE

MAX_FRAME_BYTES = 1024 * 1024
"""Of an encoded frame: a second of the best video."""
MAX_UNITS = 512
"""NAL units of a frame; FFmpeg takes 4 KB for each, however short."""
MAX_PICTURE_SETS = 32
"""Picture parameter sets of a frame, and of one codec: then the next key frame gets a new one."""

_IDR, _SPS = 5, 7
_START = b"\x00\x00\x01"
_PICTURE_SETS = re.compile(rb"\x00\x00\x01[\x08\x28\x48\x68](?=(.{1,5}))", re.DOTALL)
_SPS_BYTES = 512
_SPS_COUNT = 8
_PROFILES = frozenset({44, 66, 77, 88, 100, 110, 122, 244})
"""Those of single pictures (ITU-T H.264 annex A): the others are of views and layers."""
_WITH_CHROMA = frozenset({44, 100, 110, 122, 244})
"""Profiles whose parameter sets tell the chroma format (section 7.3.2.1.1)."""
_YUV420, _YUV422, _YUV444 = 1, 2, 3
"""``chroma_format_idc`` (table 6-1)."""
_HALF_AS_WIDE = frozenset({_YUV420, _YUV422})
_BYTES = {0: 1.0, _YUV420: 1.5, _YUV422: 2.0, _YUV444: 3.0}
"""Of a pixel of eight bits."""
_BLOCK = 16
_LONGEST = 12
"""Zeros before an Exp-Golomb number: FFmpeg reads no more of them in a size."""
_LONGEST_OFFSET = 31
"""In a picture order offset."""


class Unreadable(ValueError):
    """The header says nothing that can be trusted."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the pictures from a frame on are."""

    width: int
    height: int
    """As shown: what only fills up a macroblock is cropped."""
    references: int = 3
    """Pictures that the decoder keeps: VP8's golden, alternative and last one."""
    pixel_bytes: float = 1.5

    @property
    def pixels(self) -> int:
        """Of a picture."""
        return self.width * self.height

    def fits(self, max_pixels: int) -> bool:
        """Whether such pictures may be decoded.

        Of the largest of them four may be kept at full chroma, of smaller ones more: what a
        stream keeps is bounded in bytes, as the levels of H264 bound it (table A-1).
        """
        if self.pixels > max_pixels or max(self.width, self.height) > MAX_SIDE:
            return False
        return self.references * self.pixels * self.pixel_bytes <= 4 * max_pixels * _BYTES[_YUV444]


def is_key_frame(codec: str, data: bytes) -> bool:
    """Whether decoding can begin with this frame (``codec``: VP8 or H264).

    VP8: the inverse key-frame bit and the start code of RFC 6386 section 9.1. H264: the first
    slice of an IDR picture (ITU-T H.264 section 7.3.3: ``first_mb_in_slice`` is 0).
    """
    if codec.upper() == "VP8":
        return data[3:6] == b"\x9d\x01\x2a" and not data[0] & 1
    units = (unit for unit in data.split(_START) if len(unit) > 1)
    return any(unit[0] & 0x1F == _IDR and unit[1] & 0x80 for unit in units)


def read_header(codec: str, data: bytes) -> Header | None:
    """What this frame says of the pictures from it on; ``None`` where it builds on earlier ones.

    Raises :class:`Unreadable`.
    """
    if not data or len(data) > MAX_FRAME_BYTES:
        raise Unreadable
    try:
        return _vp8_header(data) if codec.upper() == "VP8" else _h264_header(data)
    except IndexError:
        raise Unreadable from None


def picture_sets(codec: str, data: bytes) -> set[int]:
    """Numbers of the picture parameter sets in this frame; FFmpeg keeps 175 KB of each.

    Raises :class:`Unreadable`.
    """
    if codec.upper() == "VP8":
        return set()
    try:
        found = {BitReader(_plain(text)).golomb() for text in _PICTURE_SETS.findall(data)}
    except IndexError:
        raise Unreadable from None
    if len(found) > MAX_PICTURE_SETS:
        raise Unreadable
    return found


def _vp8_header(data: bytes) -> Header | None:
    """Read width and height of a key frame (RFC 6386 section 9.1): 14 bits each."""
    if data[0] & 1:
        return None
    if not is_key_frame("VP8", data):
        raise Unreadable
    width, height = data[6] | data[7] << 8, data[8] | data[9] << 8
    return _checked(Header(width & 0x3FFF, height & 0x3FFF))


def _h264_header(data: bytes) -> Header | None:
    """Read the largest sequence parameter set (ITU-T H.264 section 7.3.2.1.1)."""
    if data.count(_START) > MAX_UNITS:
        raise Unreadable
    sets = [unit[1:] for unit in data.split(_START)[1:] if unit and unit[0] & 0x1F == _SPS]
    if not sets:
        return None
    if len(sets) > _SPS_COUNT:
        raise Unreadable
    headers = [_sps_header(text) for each in sets for text in _ways_to_read(each)]
    return max(headers, key=lambda each: each.references * each.pixels * each.pixel_bytes)


def _ways_to_read(unit: bytes) -> set[bytes]:
    """FFmpeg, which cannot read a set without the bytes put in, tries it once more with them."""
    unit = unit[:_SPS_BYTES]
    return {unit, _plain(unit)}


def _plain(unit: bytes) -> bytes:
    """Without the bytes that are put in lest it look like a start code (section 7.4.1.1)."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")


def _sps_header(payload: bytes) -> Header:
    bits = BitReader(payload)
    profile = bits.take(8)
    if profile not in _PROFILES:
        raise Unreadable
    bits.take(16)
    bits.golomb()
    chroma_format, pixel_bytes = _YUV420, _BYTES[_YUV420]
    if profile in _WITH_CHROMA:
        chroma_format, pixel_bytes = _read_chroma(bits)
    bits.golomb()
    _skip_picture_order(bits)
    references = bits.golomb()
    bits.take(1)
    width, height = bits.golomb() + 1, bits.golomb() + 1
    fields = 2 - bits.take(1)
    bits.take(fields)  # what adapts to fields, where there are two, and direct_8x8_inference_flag
    columns, lines = _cropped(bits, chroma_format, fields)
    shown = 16 * width - columns, 16 * height * fields - lines
    return _checked(Header(*shown, max(1, references), pixel_bytes))


def _checked(header: Header) -> Header:
    if header.width <= 0 or header.height <= 0:
        raise Unreadable
    return header


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


def _read_chroma(bits: "BitReader") -> tuple[int, float]:
    """``chroma_format_idc`` and bytes of a pixel; passes what else is said of chroma."""
    chroma_format = bits.golomb()
    separate = bits.take(1) if chroma_format == _YUV444 else 0
    depths = bits.golomb(), bits.golomb()
    if chroma_format not in _BYTES or separate:
        raise Unreadable
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma_format == _YUV444 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)  # noqa: PLR2004 - the spec's
    return chroma_format, _BYTES[chroma_format] * (2 if any(depths) else 1)


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
        bits.golomb(_LONGEST_OFFSET)
        bits.golomb(_LONGEST_OFFSET)
        for _ in range(bits.golomb()):
            bits.golomb(_LONGEST_OFFSET)


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

    def golomb(self, longest: int = _LONGEST) -> int:
        """Take an unsigned Exp-Golomb number (ITU-T H.264 section 9.1).

        Raises IndexError also where more than ``longest`` zeros lead it.
        """
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > longest:
                raise IndexError
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        """Take a signed Exp-Golomb number (section 9.1.1)."""
        code = self.golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)
