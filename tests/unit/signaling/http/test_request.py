"""A client that sends a part of a body and waits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from signaling.app import make_routes
from signaling.http import request
from signaling.settings import load
from tests.fakes.front import IDS, Front, front_of


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({}))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


@pytest.mark.parametrize(
    ("path", "kind"),
    [(IDS, "application/sdp"), ("/api/frames", "text/plain"), ("/api/attach", "application/json")],
)
async def test_it_is_408_and_holds_nothing_up(
    front: Front, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    monkeypatch.setattr(request, "BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", front.http.port)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\nv=0".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    assert b"body_too_slow" in await reader.readuntil(b"body_too_slow")
    writer.close()
    await writer.wait_closed()
    assert not front.placement.opened
