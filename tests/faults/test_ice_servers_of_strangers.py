"""ICE servers as people and providers write them: browsers throw for all if one is bad."""

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from rtc_server.base.config import IceServer
from signaling.ice.directory import IceConfig, IceDirectory
from signaling.settings import SettingsError, load
from tests.fakes.clock import HandClock

BAD = [
    "turn://t.example.org:3478",
    "turn:user:pass@t.example.org:3478",
    "turn://user:pass@t.example.org",
    "turn:t.example.org:3478?transport=TCP",
    "turn:t.example.org:3478?transport=tls",
    "turn:t.example.org:3478;transport=tcp",
    "turn:t.example.org:99999",
    "turn:t.example.org:0",
    "turn:t.example.org:",
    "turn:",
    "turn:t.example.org/udp",
    "turn:t.example.org#x",
    "turn:2001:db8::1",
    "turn:[2001:db8]:3478",
    "turn:a b",
    "https://t.example.org",
    "t.example.org:3478",
]
GOOD = [
    "turn:t.example.org",
    "turn:t.example.org:3478?transport=udp",
    "turns:t.example.org:443?transport=tcp",
    "turns:t.example.org:443?transport=udp",
    "turn:192.0.2.1:80",
    "turn:[2001:db8::1]:3478",
    "turn:relay_1.example.org",
]


@pytest.mark.parametrize("url", BAD)
def test_a_turn_url_that_browsers_throw_for_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"TURN_URLS": url, "TURN_SECRET": "s"})
    assert str(refused.value).startswith("TURN_URLS: ")
    assert "pass" not in str(refused.value).replace("password", "")
    entry = {"urls": [GOOD[0], url], "username": "u", "credential": "c"}
    with pytest.raises(SettingsError, match="ICE_SERVERS"):
        load({"ICE_SERVERS": json.dumps([entry])})


@pytest.mark.parametrize("url", GOOD)
def test_a_turn_url_that_browsers_take_is_taken(url: str) -> None:
    assert load({"TURN_URLS": url, "TURN_SECRET": "s"}).turn_urls == (url,)


def test_scheme_and_name_are_written_as_browsers_read_them() -> None:
    urls = "TURN:t.example.org, turn:münchen.example:3478"
    taken = load({"TURN_URLS": urls, "TURN_SECRET": "s"}).turn_urls
    assert taken == ("turn:t.example.org", "turn:xn--mnchen-3ya.example:3478")


@pytest.mark.parametrize(
    "url", ["stun:s.example.org?transport=udp", "stun://s.example.org", "stun:a,stun:b"]
)
def test_a_stun_url_that_browsers_throw_for_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="ICE_SERVERS"):
        load({"ICE_SERVERS": json.dumps([{"urls": url}])})


TURNS = ["turn:t.example.org:3478?transport=udp", "turns:t.example.org:443?transport=tcp"]
WHO = {"username": "name", "credential": "secret"}
TWILIO = {
    "account_sid": "AC1",
    "ttl": "86400",
    "username": "name",
    "password": "secret",
    "ice_servers": [
        {
            "url": "stun:s.example.org:3478?transport=udp",
            "urls": "stun:s.example.org:3478?transport=udp",
        },
        *({"url": url, "urls": url, **WHO} for url in TURNS),
    ],
}
CLOUDFLARE = {"iceServers": [{"urls": ["stun:s.example.org:3478"]}, {"urls": TURNS, **WHO}]}
CLOUDFLARE_OLD = {"iceServers": {"urls": ["stun:s.example.org:3478", *TURNS], **WHO}}
XIRSYS = {"v": CLOUDFLARE_OLD, "s": "ok"}
XIRSYS_OLD = {"v": {"iceServers": [{"url": url, **WHO} for url in TURNS]}, "s": "ok"}
METERED = [{"urls": "stun:s.example.org:80"}, *({"urls": url, **WHO} for url in TURNS)]


class Provider:
    """Answers one method with ``body``, the others with ``wrong``."""

    def __init__(self) -> None:
        self.method, self.wrong, self.status = "GET", 405, 200
        self.body: object = METERED
        self.asked: list[tuple[str, str | None, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        sent = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.headers.get("Authorization"), sent))
        if request.method != self.method:
            return web.Response(status=self.wrong)
        return web.json_response(self.body, status=self.status)


Ask = Callable[..., IceDirectory]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def ask(provider: Provider) -> AsyncIterator[Ask]:
    app = web.Application()
    app.router.add_route("*", "/ice", provider.answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/ice"))

        def made(**config: Any) -> IceDirectory:  # noqa: ANN401 - whatever IceConfig has
            return IceDirectory(IceConfig(provider_url=url, **config), HandClock())

        yield made


@pytest.mark.parametrize(
    ("method", "wrong", "status", "body"),
    [
        ("GET", 405, 200, METERED),
        ("POST", 405, 201, TWILIO),
        ("POST", 404, 201, CLOUDFLARE),
        ("POST", 400, 201, CLOUDFLARE_OLD),
        ("PUT", 405, 200, XIRSYS),
        ("PUT", 404, 200, XIRSYS_OLD),
    ],
    ids=["Metered", "Twilio", "Cloudflare", "Cloudflare, old", "Xirsys", "Xirsys, old"],
)
async def test_a_providers_answer_works_as_it_comes(
    provider: Provider, ask: Ask, method: str, wrong: int, status: int, body: object
) -> None:
    provider.method, provider.wrong, provider.status, provider.body = method, wrong, status, body
    directory = ask(provider_token="t", turn_ttl=7200)
    servers = await directory.servers("s")
    assert [url for server in servers for url in server.urls if url in TURNS] == TURNS
    assert all(
        re.fullmatch(r"stun:[a-z.]+:\d+|turns?:[a-z.]+:\d+\?transport=(udp|tcp)", url)
        for server in servers
        for url in server.urls
    )
    assert {server.credential for server in servers if server.username} == {"secret"}
    asked_by, authorization, sent = provider.asked[-1]
    assert (asked_by, authorization) == (method, "Bearer t")
    assert sent is None if method == "GET" else sent["ttl"] == 7200
    assert directory.problem == ""


async def test_the_method_that_worked_is_kept(provider: Provider, ask: Ask) -> None:
    provider.method, provider.body = "POST", {**CLOUDFLARE, "ttl": 10}
    directory = ask()
    await directory.servers("s")
    directory._renew_at = 0.0
    await directory.servers("s")
    assert [asked[0] for asked in provider.asked] == ["GET", "POST", "POST"]


async def test_a_method_that_is_set_is_the_only_one(provider: Provider, ask: Ask) -> None:
    provider.method = "PUT"
    directory = ask(provider_method="POST")
    assert await directory.servers("s") == ()
    assert [asked[0] for asked in provider.asked] == ["POST"]
    assert directory.problem.startswith("405")


async def test_name_and_password_are_sent_as_twilio_wants_them(
    provider: Provider, ask: Ask
) -> None:
    await ask(provider_token="AC1:hush").servers("s")
    assert provider.asked[0][1] == "Basic " + base64.b64encode(b"AC1:hush").decode()


async def test_what_no_browser_takes_is_left_out_of_a_providers_answer(
    provider: Provider, ask: Ask
) -> None:
    provider.body = [{"urls": ["turn://bad", *TURNS], **WHO}, {"urls": "http://worse"}, 3]
    assert await ask().servers("s") == (IceServer(tuple(TURNS), "name", "secret"),)


@pytest.mark.parametrize(
    "body", [{"s": "error", "v": "no_namespace"}, [], {"iceServers": []}, [{"urls": "http://x"}], 7]
)
async def test_an_answer_without_servers_is_told(
    provider: Provider, ask: Ask, body: object
) -> None:
    provider.body = body
    directory = ask()
    assert await directory.servers("s") == ()
    assert directory.problem
