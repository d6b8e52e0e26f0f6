"""H264 as no encoder writes it: parameter sets and pictures of any size, bit by bit."""

START = b"\x00\x00\x00\x01"


class Bits:
    """Writes the payload of a NAL unit (ITU-T H.264 section 7.3)."""

    def __init__(self) -> None:
        self._text = ""

    def put(self, value: int, count: int) -> "Bits":
        """Write ``count`` bits."""
        self._text += f"{value:0{count}b}" if count else ""
        return self

    def golomb(self, *values: int) -> "Bits":
        """Write unsigned Exp-Golomb numbers."""
        for value in values:
            code = f"{value + 1:b}"
            self._text += "0" * (len(code) - 1) + code
        return self

    def signed(self, *values: int) -> "Bits":
        """Write signed ones."""
        return self.golomb(*(2 * value - 1 if value > 0 else -2 * value for value in values))

    def unit(self, header: int) -> bytes:
        """The NAL unit, with the bytes that keep it from looking like a start code."""
        text = self._text + "1"
        text += "0" * (-len(text) % 8)
        plain = int(text, 2).to_bytes(len(text) // 8, "big")
        escaped = bytearray([header])
        zeros = 0
        for byte in plain:
            if zeros >= 2 and byte <= 3:
                escaped.append(3)
                zeros = 0
            escaped.append(byte)
            zeros = 0 if byte else zeros + 1
        return START + bytes(escaped)


def sequence_set(
    width: int,
    height: int,
    *,
    profile: int = 66,
    references: int = 1,
    offsets: int = 0,
    offset: int = 1 << 30,
) -> bytes:
    """A sequence parameter set; ``offsets`` of the picture order make it long."""
    bits = Bits().put(profile, 8).put(0xC0, 8).put(51, 8).golomb(0, 0)
    if offsets:
        bits.golomb(1).put(1, 1).signed(0, 0).golomb(offsets).signed(*[offset] * offsets)
    else:
        bits.golomb(2)
    bits.golomb(references).put(0, 1).golomb(width // 16 - 1, height // 16 - 1)
    return bits.put(0b1100, 4).unit(0x67)


def picture_set(number: int = 0) -> bytes:
    """A picture parameter set."""
    bits = Bits().golomb(number, 0).put(0, 2).golomb(0, 0, 0).put(0, 3).signed(0, 0, 0)
    return bits.put(0, 3).unit(0x68)


def key_picture(blocks: int) -> bytes:
    """A grey IDR picture of so many macroblocks; further ones are missing."""
    bits = Bits().golomb(0, 7, 0).put(0, 4).golomb(0).put(0, 2).signed(0)
    for _ in range(blocks):
        bits.golomb(3, 0).signed(0).put(1, 1)
    return bits.unit(0x65)
