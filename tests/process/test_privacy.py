"""No frame leaves memory, and the log tells nothing of a student."""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.face_track import face_track
from tests.fakes.file_watch import FileWatch
from tests.fakes.pictures import astronaut, jpeg
from tests.fakes.publisher import Publisher
from tests.fakes.whip import WhipClient
from tests.servers.service import ServiceProcess

pytestmark = [
    pytest.mark.blocks("the service is another process; its fixture waits for it"),
    pytest.mark.timeout(120),
]

STUDENT = {"user_id": "student-4711", "module_id": "3", "section_id": "2"}
FRAMES = 20
OURS = {"service.log", "sessions.db", "sessions.db-wal", "sessions.db-shm", "sessions.db-journal"}
"""All that may be written: the log and the database."""


@pytest.fixture(scope="module")
def picture() -> bytes:
    return jpeg(astronaut())


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """Whatever it wanted to write, it would into folders of its own; it logs all it can."""
    places = {name: tmp_path / name.lower() for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME")}
    for folder in places.values():
        folder.mkdir()
    settings = {name: str(folder) for name, folder in places.items()}
    with ServiceProcess(tmp_path, **settings, log_level="DEBUG") as service:
        yield service


async def by_webrtc(http: aiohttp.ClientSession, url: str) -> list[str]:
    """A session; what must not be in the log."""
    publisher = Publisher(face_track())
    ticket = await WhipClient(http, url).publish(publisher, **STUDENT)
    for _ in range(FRAMES):
        await publisher.metrics.get()
    publisher.say({"v": 1, "type": "consent", "version": "2026-01"})
    publisher.say({"v": 1, "type": "bye"})
    await publisher.hears("summary")
    await publisher.close()
    return [ticket.resource.rpartition("/")[2], ticket.resume_token]


async def by_pictures(http: aiohttp.ClientSession, picture: bytes) -> list[str]:
    """The same over a WebSocket, and in the old service's requests."""
    async with http.ws_connect("/ws/frames") as socket:
        await socket.send_json({"v": 1, "type": "attach", **STUDENT, "section_id": "4"})
        attached = await socket.receive_json()
        for _ in range(FRAMES):
            await socket.send_bytes(picture)
            await asyncio.sleep(0.1)
        await socket.send_json({"v": 1, "type": "bye"})
        while json.loads((await socket.receive()).data)["type"] != "summary":
            pass
    body = STUDENT | {"frame_base64": base64.b64encode(picture).decode()}
    async with http.post("/api/frames", json=body) as answer:
        assert answer.status == 200
    broken = body | {"frame_base64": base64.b64encode(picture[:-900]).decode()}
    async with http.post("/api/frames", json=broken) as answer:
        assert answer.status == 422
    return [attached["resource"].rpartition("/")[2], attached["resume_token"]]


async def test_no_frame_leaves_memory_and_no_student_is_in_the_log(
    service: ServiceProcess, picture: bytes
) -> None:
    folder = service.folder
    folders = [folder, *(each for each in folder.iterdir() if each.is_dir())]
    pids = [service.pid, *(worker.pid for worker in service.workers())]
    async with aiohttp.ClientSession(service.url) as http:
        with FileWatch(folders, pids) as watch:
            secrets = await by_webrtc(http, service.url) + await by_pictures(http, picture)

    assert str(folder / "sessions.db-wal") in watch.written  # it is not blind
    assert {path for path in watch.written if Path(path).parent != folder} == set()
    assert {Path(path).name for path in watch.written} <= OURS
    for file in folder.rglob("*"):
        if file.is_file():
            assert picture[1000:1064] not in file.read_bytes(), file

    log = service.log
    assert "ended: client_bye" in log
    names = re.findall(r"session \S+ begins: student ([0-9a-f]{16})", log)
    assert len(names) == 3
    assert len(set(names)) == 1  # one student, in three sessions
    student = STUDENT["user_id"]
    for word in [*secrets, student, "4711", "a=candidate", "a=ice-", "127.0.0.1:", "/9j/"]:
        assert word not in log, word
