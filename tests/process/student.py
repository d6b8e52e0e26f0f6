"""A student with a camera, who may lose the connection and come back."""

import asyncio
from typing import Any

import aiohttp

from tests.fakes.face_track import face_track
from tests.fakes.publisher import Publisher
from tests.fakes.whip import Ticket, WhipClient
from tests.servers.service import ServiceProcess

PATIENCE = 20.0
"""Seconds that any answer may take on a busy machine."""


class Student:
    """Publishes a moving face at ten frames a second."""

    def __init__(self, http: aiohttp.ClientSession, service: ServiceProcess) -> None:
        self._http = http
        self._service = service
        self._ticket: Ticket | None = None
        self._publisher: Publisher | None = None

    @property
    def ticket(self) -> Ticket:
        assert self._ticket is not None, "publish first"
        return self._ticket

    @property
    def publisher(self) -> Publisher:
        assert self._publisher is not None, "publish first"
        return self._publisher

    async def publish(self, **ids: str) -> None:
        """Begin a session."""
        self._publisher = Publisher(face_track())
        self._ticket = await self._whip.publish(self.publisher, **ids)

    def turn_to(self, service: ServiceProcess) -> None:
        """Ask another front process from now on."""
        self._service = service

    async def come_back(self) -> None:
        """Go on with the session on a new connection."""
        lost, self._publisher = self.publisher, Publisher(face_track())
        self._ticket = await self._whip.resume(self.publisher, self.ticket)
        await lost.close()

    async def vanish(self) -> None:
        """Lose the connection without a word."""
        await self.publisher.kill()

    async def metrics(self, count: int = 1) -> dict[str, Any]:
        """Wait for so many messages; the last of them."""
        async with asyncio.timeout(count / 10 + PATIENCE):
            for _ in range(count - 1):
                await self.publisher.metrics.get()
            return await self.publisher.metrics.get()

    async def hears(self, kind: str) -> dict[str, Any]:
        """Wait for the service's next control message of this type."""
        async with asyncio.timeout(PATIENCE):
            return await self.publisher.hears(kind)

    async def bye(self) -> dict[str, Any]:
        """End the session; its summary."""
        self.publisher.say({"v": 1, "type": "bye"})
        return await self.hears("summary")

    async def end_by_url(self) -> None:
        """End the session by its resource, as a page that closes does."""
        await self._whip.end(self.ticket)

    async def leave(self) -> None:
        """Close the connection, if there is one."""
        if self._publisher is not None:
            await self._publisher.close()

    @property
    def _whip(self) -> WhipClient:
        return WhipClient(self._http, self._service.url)
