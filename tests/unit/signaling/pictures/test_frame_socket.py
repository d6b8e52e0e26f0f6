"""A client on the WebSocket whose session goes away under it."""

from pathlib import Path

import pytest
from aiohttp import WSCloseCode, WSMsgType, web

from signaling.app import make_routes
from signaling.settings import load
from tests.fakes.front import front_of


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({}))


async def test_a_connection_without_a_session_is_closed(
    app: web.Application, tmp_path: Path
) -> None:
    """Answers to its pictures, be they refusals, would keep the client from coming back."""
    async with (
        front_of(app, tmp_path) as front,
        front.http.ws_connect("/ws/frames") as socket,
    ):
        await socket.send_json({"v": 1, "type": "attach", "user_id": "7", "module_id": "3"})
        assert (await socket.receive_json())["type"] == "attached"
        await socket.send_bytes(b"jpeg")
        assert (await socket.receive_json())["type"] == "metrics"

        front.placement.opened.clear()  # its worker has let go of it
        await socket.send_bytes(b"jpeg")
        assert (await socket.receive_json())["code"] == "session_not_found"
        assert (await socket.receive()).type is WSMsgType.CLOSE
        assert socket.close_code == WSCloseCode.TRY_AGAIN_LATER
