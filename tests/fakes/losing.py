"""A network that loses one packet of video."""

from tests.fakes.publisher import rtp_payload_type

VP8, VP8_RTX = 97, 98
"""Payload types of aiortc's offers."""


class LosesOnce:
    """Loses one packet of the ``number``-th frame, and with ``for_good`` all that repeats it."""

    def __init__(self, number: int, *, for_good: bool) -> None:
        self._left = number
        self._for_good = for_good
        self.lost: int | None = None

    def __call__(self, datagram: bytes) -> list[bytes]:
        kind = rtp_payload_type(datagram)
        if kind == VP8_RTX and self._for_good:
            return []
        if kind != VP8:
            return [datagram]
        ends = bool(datagram[1] & 0x80)
        if self._left == 0 and self.lost is None and not ends:
            self.lost = int.from_bytes(datagram[2:4], "big")
            return []
        self._left -= ends and self._left > 0
        return [datagram]
