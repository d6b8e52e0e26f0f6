"""A camera track that plays encoded frames: a publisher that costs little."""

import asyncio
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack

from benchmarks.capacity.recording import Encoded, Recording

CLOCK_RATE = 90_000


class TapeTrack(MediaStreamTrack):
    """Plays a recording in a loop; changes its size at a key frame."""

    kind = "video"

    def __init__(self, recording: Recording, phase: float) -> None:
        """``phase``: seconds by which its frames come later than those of others."""
        super().__init__()
        self.sent_at: list[float] = []
        """Loop time at which each frame was handed to the sender."""
        self.sent_bytes = 0
        self.scale = 1.0
        self._recording = recording
        self._tape: Encoded = recording.scales[1.0]
        self._phase = phase
        self._began: float | None = None

    async def recv(self) -> "av.Packet[Any]":
        """Give the next frame when it is due."""
        loop = asyncio.get_running_loop()
        if self._began is None:
            self._began = loop.time() + self._phase
        number = len(self.sent_at)
        await asyncio.sleep(self._began + number / self._tape.fps - loop.time())
        packet: av.Packet[Any] = av.Packet(self._frame(number))
        packet.time_base = Fraction(1, CLOCK_RATE)
        packet.pts = int(number * CLOCK_RATE / self._tape.fps)
        self.sent_at.append(loop.time())
        self.sent_bytes += packet.size
        return packet

    def _frame(self, number: int) -> bytes:
        wanted = self._recording.scales[self.scale]
        index = number % len(wanted.frames)
        if index in wanted.key_frames:
            self._tape = wanted
        return self._tape.frames[index]
