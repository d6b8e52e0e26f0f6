"""A transport whose frames, messages and end are what a test says."""

import asyncio

from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import ConnectTimeout, FrameRefused, SourceEnded
from rtc_server.media.source import Frame, Load


class ScriptedFrames:
    def __init__(self) -> None:
        self.max_fps = 10.0
        self._queue: asyncio.Queue[Frame | EndReason] = asyncio.Queue()

    def put(self, received_at: float) -> None:
        self._queue.put_nowait(Frame(received_at, received_at, b""))

    def end(self, reason: EndReason) -> None:
        self._queue.put_nowait(reason)

    @property
    def source_fps(self) -> float | None:
        return None

    async def next(self) -> Frame:
        item = await self._queue.get()
        if isinstance(item, EndReason):
            raise SourceEnded(item)
        return item

    async def close(self) -> None:
        pass


class ScriptedTransport:
    way = "direct"
    load: Load | None = None

    def __init__(
        self, *, reachable: bool = True, patience: float = 60.0, closes_within: float = 0.0
    ) -> None:
        """``closes_within``: seconds that its close takes, as where the other side is gone."""
        self.patience = patience
        self.frames = ScriptedFrames()
        self.lost: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self.inbox: asyncio.Queue[str] = asyncio.Queue()
        self.metrics: asyncio.Queue[str] = asyncio.Queue()
        self.control: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.closing = asyncio.Event()
        self._closes_within = closes_within
        self.refused: asyncio.Queue[str] = asyncio.Queue()
        self._reachable = reachable
        self.connecting = asyncio.Event()
        self.connecting.set()

    async def connected(self) -> None:
        await self.connecting.wait()
        if not self._reachable:
            raise ConnectTimeout

    async def receive(self) -> str:
        return await self.inbox.get()

    def send_metrics(self, text: str) -> None:
        self.metrics.put_nowait(text)

    def send_control(self, text: str) -> None:
        self.control.put_nowait(text)

    def refuse(self, error: FrameRefused) -> None:
        self.refused.put_nowait(error.code)

    async def close(self) -> None:
        self.closing.set()
        await asyncio.sleep(self._closes_within)
        self.closed.set()
