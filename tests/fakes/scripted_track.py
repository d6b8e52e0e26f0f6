"""A video track that gives what the test hands it, when the test hands it."""

import asyncio
from fractions import Fraction

import av
from aiortc.mediastreams import MediaStreamError

TIME_BASE = Fraction(1, 90_000)


class ScriptedTrack:
    """``recv`` waits for the next scripted frame, as a real track waits for the network."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[av.VideoFrame | Exception] = asyncio.Queue()
        self._idle = asyncio.Event()
        self._template = av.VideoFrame(16, 16, "yuv420p")

    async def recv(self) -> object:
        if self._frames.empty():
            self._idle.set()
        item = await self._frames.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def give(self, stamp: float | None, width: int = 16, height: int = 16) -> av.VideoFrame:
        """Send a frame with this timestamp in seconds; returns once it was read."""
        frame = av.VideoFrame(width, height, "yuv420p")
        if stamp is not None:
            frame.pts = round(stamp / TIME_BASE)
            frame.time_base = TIME_BASE
        await self._put(frame)
        await self._idle.wait()
        return frame

    async def fail(self, error: Exception) -> None:
        await self._put(error)

    async def end(self) -> None:
        await self.fail(MediaStreamError())

    async def _put(self, item: av.VideoFrame | Exception) -> None:
        self._idle.clear()
        await self._frames.put(item)
