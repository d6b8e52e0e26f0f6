"""Many first pictures of one student at once, over real HTTP: all of them join one session."""

import asyncio
import base64
from pathlib import Path

import pytest
from aiohttp import web

from signaling.app import make_routes
from signaling.settings import load
from tests.fakes.front import front_of
from tests.fakes.pictures import astronaut, jpeg

FRAME = {
    "user_id": "7",
    "module_id": "3",
    "frame_base64": base64.b64encode(jpeg(astronaut())).decode(),
}


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({"ENABLE_BROWSER_EYE_STREAMING": "1"}))


async def test_of_many_first_pictures_at_once_one_begins_and_the_others_join(
    app: web.Application, tmp_path: Path
) -> None:
    async with front_of(app, tmp_path) as front:

        async def send() -> int:
            async with front.http.post("/api/frames", json=FRAME) as answer:
                return answer.status

        statuses = await asyncio.gather(*(send() for _ in range(40)))
        assert set(statuses) <= {200, 429}
        assert 200 in statuses
        assert len(front.placement.opened) == 1
        assert len(await front.store.sessions.find()) == 1
