"""A student who notices a lost service as the web client does, and goes on at another address."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiohttp

from benchmarks.capacity.recording import Recording
from benchmarks.capacity.tape import TapeTrack
from tests.fakes.publisher import Publisher
from tests.fakes.whip import Ticket, WhipClient

BEAT_SECONDS = 2.0
SILENT_SECONDS = 6.0
"""``HEARTBEAT`` of web/src/lib/heartbeat.ts: judged at each beat."""
RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 30.0


class Student:
    """Publishes until told to stop; comes back whenever nothing is heard any more."""

    def __init__(self, number: int, recording: Recording, fronts: Sequence[WhipClient]) -> None:
        """``fronts``: asked in turn, each connection at the next one."""
        self.ids = {"user_id": str(number + 1), "module_id": "3", "section_id": "2"}
        self.ticket: Ticket | None = None
        self.heard_at: list[float] = []
        """Loop time of each metrics message."""
        self.resumed_at: list[float] = []
        """Loop time of the first metrics after each return."""
        self._number = number
        self._recording = recording
        self._fronts = fronts
        self._connections = 0
        self._publisher = self._new_publisher()
        self._life: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Publish, and wait for the first metrics."""
        self.ticket = await self._front().publish(self._publisher, **self.ids)
        await self._until_measured()
        self._life = asyncio.create_task(self._live(), name=f"student {self._number}")

    async def bye(self) -> dict[str, Any]:
        """End the session; its summary."""
        if self._life is not None:
            self._life.cancel()
            with suppress(asyncio.CancelledError):
                await self._life
        self._publisher.say({"v": 1, "type": "bye"})
        async with asyncio.timeout(PATIENCE_SECONDS):
            summary = await self._publisher.hears("summary")
        await self._publisher.close()
        return summary

    async def _live(self) -> None:
        """StatusTracker by beat, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if loop.time() - self.heard_at[-1] >= SILENT_SECONDS:
                await self._come_back()

    async def _come_back(self) -> None:
        lost, self._publisher = self._publisher, self._new_publisher()
        await lost.kill()
        before = len(self.heard_at)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._resume()
            await self._until_measured(before)
        self.resumed_at.append(self.heard_at[before])
        await lost.close()

    async def _resume(self) -> None:
        assert self.ticket is not None
        while True:
            try:
                self.ticket = await self._front().resume(self._publisher, self.ticket)
            except aiohttp.ClientError:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _until_measured(self, before: int = 0) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.heard_at) <= before:
                await self._publisher.metrics.get()

    def _front(self) -> WhipClient:
        self._connections += 1
        return self._fronts[(self._number + self._connections) % len(self._fronts)]

    def _new_publisher(self) -> Publisher:
        publisher = Publisher(TapeTrack(self._recording, phase=0.01 * self._number))
        publisher.prefer("VP8")
        assert publisher.metrics_channel is not None
        publisher.metrics_channel.on("message", self._hear)
        return publisher

    def _hear(self, text: str) -> None:
        if json.loads(text)["type"] == "metrics":
            self.heard_at.append(asyncio.get_running_loop().time())
