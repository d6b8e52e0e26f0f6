"""The old service's clients, byte for byte, against the real service."""

import asyncio
import base64
import io
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from PIL import Image

from tests.fakes.pictures import astronaut
from tests.servers.service import ServiceProcess

pytestmark = pytest.mark.blocks("the service is another process; its fixture waits for it")


OLD_PAGE = Path(__file__).parents[2] / "web" / "tests" / "service" / "old-page.mjs"


def jpeg(width: int = 640, height: int = 480) -> bytes:
    picture = Image.fromarray(astronaut()).resize((width, height))
    memory = io.BytesIO()
    picture.save(memory, "JPEG", quality=80)
    return memory.getvalue()


def data_url(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


@pytest.fixture(scope="module")
def face() -> str:
    return data_url(jpeg())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("old")
    with ServiceProcess(folder, max_frame_kb="256", reconnect_grace_seconds="1") as service:
        yield service


@pytest.fixture
async def http(service: ServiceProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(service.url) as session:
        yield session


def frame(face: str, **fields: object) -> dict[str, Any]:
    return {"frame_id": 1, "user_id": "7", "module_id": "3", "frame_base64": face, **fields}


@pytest.mark.parametrize("path", ["/api/frames", "/api/stream-frame"])
async def test_rest_answers_with_the_old_fields(
    http: aiohttp.ClientSession, face: str, path: str
) -> None:
    sent = frame(face, user_id=f"rest{path}", section_id="2", timestamp=1700000000, fps=7)
    async with http.post(path, json=sent) as response:
        assert response.status == 200
        body = await response.json()
    assert body["success"] is True
    assert body["status"] == "processed"
    for name in ("frame_id", "user_id", "module_id", "section_id", "timestamp"):
        assert body[name] == sent[name]
    assert body["metrics"].keys() >= {
        "focused_time",
        "unfocused_time",
        "total_time",
        "focus_percentage",
        "attention_score",
        "is_focused",
        "focus_sessions",
        "unfocus_sessions",
        "current_state",
        "detection_rate",
        "frames_processed",
    }
    assert body["metrics"]["frames_processed"] == 1
    assert body["metrics"]["detection_rate"] == 100
    assert body["current_frame"]["face_count"] == 1
    assert isinstance(body["metrics"]["is_focused"], bool)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"user_id": None}, 400, "bad_user_id"),
        ({"module_id": ""}, 400, "bad_module_id"),
        ({"frame_base64": None}, 400, "frame_missing"),
        ({"frame_base64": "data:image/jpeg;base64,!!"}, 400, "frame_not_base64"),
        ({"frame_base64": data_url(b"GIF89a" + bytes(100))}, 422, "frame_not_jpeg"),
        ({"frame_base64": data_url(jpeg()[:4000])}, 422, "frame_truncated"),
        ({"frame_base64": data_url(bytes(257 * 1024))}, 413, "frame_too_large"),
    ],
)
async def test_a_bad_frame_is_a_clear_error(
    http: aiohttp.ClientSession, face: str, change: dict[str, Any], status: int, code: str
) -> None:
    sent = frame(face, user_id="bad", frame_id=code) | change
    async with http.post("/api/frames", json=sent) as response:
        body = await response.json()
    assert (response.status, body["code"]) == (status, code)
    assert body["success"] is False
    assert body["detail"]


async def test_frames_beyond_the_rate_are_429_with_retry_after(
    http: aiohttp.ClientSession, face: str
) -> None:
    async def post() -> tuple[int, str | None]:
        async with http.post("/api/frames", json=frame(face, user_id="fast")) as response:
            return response.status, response.headers.get("Retry-After")

    answers = [await post() for _ in range(3)]
    answers += await asyncio.gather(*(post() for _ in range(30)))
    refused = [retry for status, retry in answers if status == 429]
    assert refused
    assert all(retry is not None and int(retry) >= 1 for retry in refused)
    assert answers[0][0] == 200


async def test_the_web_socket_answers_each_frame_and_survives_errors(
    http: aiohttp.ClientSession, face: str
) -> None:
    async with http.ws_connect("/ws/frames") as socket:
        for number in range(3):
            await socket.send_json(frame(face, user_id=8, module_id=3, frame_id=number))
            body = await socket.receive_json()
            assert body["frame_id"] == number
            assert body["metrics"]["frames_processed"] == number + 1
        for bad in ("no json", "[]", '{"user_id": 8}'):
            await socket.send_str(bad)
            assert (await socket.receive_json())["error"]
        await socket.send_json(frame(data_url(jpeg()[:4000]), user_id=8, module_id=3))
        assert (await socket.receive_json())["code"] == "frame_truncated"
        await socket.send_json(frame(face, user_id=8, module_id=3, frame_id=9))
        assert (await socket.receive_json())["metrics"]["frames_processed"] == 4


async def test_the_web_socket_names_the_rate_limit_as_it_did(
    http: aiohttp.ClientSession, face: str
) -> None:
    async with http.ws_connect("/ws/frames") as socket:
        for _ in range(40):
            await socket.send_json(frame(face, user_id="9"))
        answers = [await socket.receive_json() for _ in range(40)]
    assert "Rate limit exceeded" in {answer.get("error") for answer in answers}


@pytest.mark.parametrize("path", ["/ws/frames", "/socket.io/?EIO=4&transport=websocket"])
async def test_a_foreign_origin_gets_no_web_socket(http: aiohttp.ClientSession, path: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(path, headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


async def test_a_foreign_origin_gets_no_handshake_by_polling_either(
    http: aiohttp.ClientSession,
) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    async with http.get(path, headers={"Origin": "https://evil.example"}) as refused:
        assert refused.status == 403
    async with http.get(path, headers={"Origin": str(http._base_url).rstrip("/")}) as taken:
        assert taken.status == 200


async def test_the_old_socket_io_events_work(service: ServiceProcess, face: str) -> None:
    client = socketio.AsyncClient()
    heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    for name in ("connected", "tracking_started", "tracking_update", "tracking_stopped", "error"):
        client.on(name, lambda body=None, name=name: heard.put_nowait((name, body)))
    await client.connect(service.url)
    try:
        assert (await heard.get())[0] == "connected"
        await client.emit("video_frame", {"frame": face, "timestamp": 1})
        assert (await heard.get())[0] == "error"
        await client.emit("start_tracking", {"user_id": 5, "module_id": 3, "section_id": None})
        assert (await heard.get())[0] == "tracking_started"
        await client.emit("video_frame", {"frame": face, "timestamp": 42})
        name, update = await heard.get()
        assert name == "tracking_update"
        assert update["timestamp"] == 42
        assert isinstance(update["is_focused"], bool)
        assert update["metrics"]["frames_processed"] == 1
        await client.emit("stop_tracking")
        assert (await heard.get())[0] == "tracking_stopped"
    finally:
        await client.disconnect()


@pytest.mark.needs("node")
def test_the_old_page_goes_on_with_its_own_client_library(
    service: ServiceProcess, tmp_path: Path
) -> None:
    picture = tmp_path / "astronaut.jpg"
    picture.write_bytes(jpeg())
    page = subprocess.run(
        ["node", str(OLD_PAGE), service.url, str(picture)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    heard = [json.loads(line) for line in page.stdout.splitlines()]
    assert [event for event, _ in heard] == [
        "connected",
        "tracking_started",
        *["tracking_update"] * 3,
        "tracking_stopped",
    ]
    update = heard[4][1]
    assert update.keys() >= {"is_focused", "gaze_direction", "metrics", "timestamp"}
    assert update["metrics"]["frames_processed"] == 3
    assert update["metrics"]["detection_rate"] == 100


async def test_our_own_client_sends_binary_frames_and_gets_a_summary(
    http: aiohttp.ClientSession,
) -> None:
    picture = jpeg()
    async with http.ws_connect("/ws/frames") as socket:
        await socket.send_json({"v": 1, "type": "attach", "user_id": "77", "module_id": 3})
        attached = await socket.receive_json()
        assert attached["type"] == "attached"
        assert (await socket.receive_json())["type"] == "hello"
        for number in range(3):
            await socket.send_bytes(picture)
            body = await socket.receive_json()
            assert (body["type"], body["seq"], body["face_count"]) == ("metrics", number + 1, 1)
        await socket.send_bytes(picture[:4000])
        assert (await socket.receive_json())["code"] == "frame_truncated"
    async with http.ws_connect("/ws/frames") as socket:
        again = {name: attached[name] for name in ("session_id", "resume_token")}
        await socket.send_json({"v": 1, "type": "attach", **again})
        assert (await socket.receive_json())["session_id"] == attached["session_id"]
        assert (await socket.receive_json())["type"] == "hello"
        await socket.send_bytes(picture)
        assert (await socket.receive_json())["seq"] == 4
        await socket.send_json({"v": 1, "type": "bye"})
        summary = await socket.receive_json()
    assert summary["type"] == "summary"
    assert summary["frames_processed"] == 4
    assert summary["end_reason"] == "client_bye"


def test_no_picture_reaches_the_disk(service: ServiceProcess) -> None:
    for path in Path(service.folder).rglob("*"):
        assert path.suffix in {".db", ".log", ".db-wal", ".db-shm"}
        assert b"\xff\xd8\xff" not in path.read_bytes()
