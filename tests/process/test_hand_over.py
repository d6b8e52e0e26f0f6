"""A worker that has grown too large hands its sessions to another one of the same service."""

import base64
import io
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from rtc_server.front.process_pool import ProcessPool
from rtc_server.front.worker_process import WorkerProcess
from rtc_server.store.model import SessionState
from signaling.app import SERVICE, make_app
from signaling.app_keys import STORE
from signaling.settings import load
from tests.eventually import eventually
from tests.fakes.pictures import astronaut

pytestmark = pytest.mark.blocks("the database is opened before anything is served")

Http = TestClient[web.Request, web.Application]


def picture() -> str:
    memory = io.BytesIO()
    Image.fromarray(astronaut()).resize((640, 480)).save(memory, "JPEG")
    return base64.b64encode(memory.getvalue()).decode()


async def send(http: Http, face: str) -> tuple[int, int]:
    """One picture of an old client: the status, and how many its session has had."""
    body = {"user_id": "7", "module_id": "3", "frame_base64": face}
    async with http.post("/api/frames", json=body) as response:
        told = await response.json()
        return response.status, told.get("metrics", {}).get("frames_processed", 0)


def holder(pool: ProcessPool) -> WorkerProcess:
    return next(worker for worker in pool._workers.values() if worker.sessions)


async def test_an_old_clients_next_picture_goes_on_in_the_same_session(tmp_path: Path) -> None:
    app = make_app(load({"DATABASE_URL": f"sqlite:///{tmp_path}/s.db", "MEDIA_WORKERS": "2"}))
    face = picture()
    async with TestClient(TestServer(app)) as http:
        pool = app[SERVICE].placement
        assert isinstance(pool, ProcessPool)
        await eventually(
            lambda: sum(worker.ready for worker in pool._workers.values()) == 2, 60, "two workers"
        )
        counts = [(await send(http, face))[1] for _ in range(3)]
        former = holder(pool)
        former.ready = False
        await former.stop()
        status, count = await send(http, face)
        assert (status, count) == (200, counts[-1] + 1)
        (row,) = await app[STORE].sessions.find()
        assert row.state is not SessionState.ENDED
        assert row.worker == holder(pool).name != former.name
