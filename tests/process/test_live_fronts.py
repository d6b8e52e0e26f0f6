"""Two front processes on one database: a class is seen whole from either of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.fakes.pictures import astronaut, jpeg
from tests.fakes.socket_student import SocketStudent, stream
from tests.process.conftest import Serve
from tests.servers.service import ServiceProcess

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.blocks("the services are processes, which are waited for"),
]

IDS = {"user_id": "7", "module_id": "3", "section_id": "2"}
PATIENCE = 30.0
Entry = dict[str, Any]


class LiveStream:
    """``/api/live`` of one front process."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def until(self, session_id: str, **wanted: object) -> Entry:
        """The first entry of this session with these fields."""
        async with asyncio.timeout(PATIENCE):
            while line := await self._response.content.readline():
                sessions = json.loads(line[6:])["sessions"] if line.startswith(b"data: ") else []
                for entry in sessions:
                    if entry["session_id"] == session_id and wanted.items() <= entry.items():
                        found: Entry = entry
                        return found
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def watching(
    http: aiohttp.ClientSession, service: ServiceProcess
) -> AsyncIterator[LiveStream]:
    async with http.get(f"{service.url}/api/live") as response:
        assert response.status == 200
        yield LiveStream(response)


async def test_a_session_is_seen_from_the_other_front_process_too(prepare: Serve) -> None:
    here, there = prepare(), prepare()
    for service in (here, there):
        await asyncio.to_thread(service.start)
    picture = jpeg(astronaut())
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        watching(http, here) as near,
        watching(http, there) as far,
    ):
        student = SocketStudent(http)
        await student.attach(here.url, **IDS)
        session_id = student.ticket["session_id"]
        await stream(student, picture, 15)

        seen = await near.until(session_id, state="live")
        assert (seen["user_id"], seen["way"]) == ("7", "websocket")
        assert seen["fps"] > 0
        told = await far.until(session_id, state="live")
        assert (told["user_id"], told["way"], told["fps"]) == ("7", "websocket", None)

        await student.bye()
        for front in (near, far):
            over = await front.until(session_id, state="ended")
            assert over["end_reason"] == "client_bye"
        await student.close()
        assert await asyncio.to_thread(there.end) == 0  # although somebody watches
