"""ICE servers: ours by REST credentials, a provider's by HTTP."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling.ice.directory import IceConfig, IceDirectory
from tests.fakes.clock import HandClock


async def test_credentials_are_what_coturn_computes() -> None:
    clock = HandClock()
    config = IceConfig(turn_urls=("turn:t.example.org",), turn_secret="hush", turn_ttl=600)
    (server,) = await IceDirectory(config, clock).servers("session-1")
    assert server.username is not None
    expiry, _, name = server.username.partition(":")
    assert int(expiry) == int(clock.now().timestamp()) + 600
    assert "session-1" not in name
    digest = hmac.new(b"hush", server.username.encode(), hashlib.sha1).digest()
    assert server.credential == base64.b64encode(digest).decode()


class Provider:
    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.body: Any = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers.get("Authorization"))
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def provider() -> AsyncIterator[tuple[Provider, str]]:
    provider = Provider()
    app = web.Application()
    app.router.add_get("/ice", provider.answer)
    async with TestServer(app) as server:
        yield provider, str(server.make_url("/ice"))


def entry(username: str = "name") -> dict[str, str]:
    return {"urls": "turn:p.example.org", "username": username, "credential": "c"}


@pytest.mark.parametrize("body", [[entry()], {"iceServers": [entry()]}, {"ice_servers": [entry()]}])
async def test_a_provider_is_asked_once_and_its_answer_kept(
    provider: tuple[Provider, str], body: object
) -> None:
    site, url = provider
    site.body = body
    clock = HandClock()
    directory = IceDirectory(IceConfig(provider_url=url, provider_token="t"), clock)
    for _ in range(3):
        (server,) = await directory.servers("s")
        assert server.urls == ("turn:p.example.org",)
    assert site.asked == ["Bearer t"]


async def test_credentials_are_fetched_anew_before_they_expire(
    provider: tuple[Provider, str],
) -> None:
    site, url = provider
    clock = HandClock()
    site.body = [entry(f"{int(clock.now().timestamp()) + 1000}:x")]
    directory = IceDirectory(IceConfig(provider_url=url), clock)
    await directory.servers("s")
    clock.seconds += 790
    await directory.servers("s")
    assert len(site.asked) == 1
    clock.seconds += 20
    await directory.servers("s")
    assert len(site.asked) == 2


async def test_a_provider_that_fails_keeps_the_last_answer_in_use(
    provider: tuple[Provider, str],
) -> None:
    site, url = provider
    site.body = {"iceServers": [entry()], "ttl": 60}
    clock = HandClock()
    directory = IceDirectory(IceConfig(provider_url=url), clock)
    first = await directory.servers("s")
    clock.seconds += 100
    site.status = 500
    assert await directory.servers("s") == first
    clock.seconds += 5
    site.status, site.body = 200, "nonsense"
    assert await directory.servers("s") == first
