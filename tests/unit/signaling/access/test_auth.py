"""Sessions by token, over real HTTP: what a token starts, and for how long it is good."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from signaling.access.auth import AuthMode
from signaling.access.tokens import TokenConfig, TokenReader
from signaling.app import make_routes
from signaling.app_keys import REFUSALS
from signaling.settings import SettingsError, load
from tests.fakes.front import IDS, Front, front_of
from tests.fakes.site import (
    AUDIENCE,
    SECRET,
    TOKEN_SETTINGS,
    bearer,
    expired_token,
    staff_token,
    token,
)

PICTURE = {"frame_base64": "anBlZw=="}
ICE = "/api/ice-servers"


@pytest.fixture
def settings() -> dict[str, str]:
    return dict(TOKEN_SETTINGS)


@pytest.fixture
def app(settings: dict[str, str]) -> web.Application:
    return make_routes(load(settings))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


@pytest.fixture
def app_at_home() -> web.Application:
    return make_routes(load({}))


@pytest.fixture
async def at_home(app_at_home: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    """A service without a key."""
    async with front_of(app_at_home, tmp_path) as front:
        yield front


async def code_of(response: aiohttp.ClientResponse) -> tuple[int, str]:
    return response.status, (await response.json())["code"]


async def let_expire(front: Front, text: str) -> None:
    """Start a session with a token that has expired since, as far as the service can tell."""
    grant = TokenReader(TokenConfig("HS256", SECRET, AUDIENCE), front.clock).read(text)
    session_id = front.placement.opened[-1].identity.session_id
    assert await front.store.tokens.use(grant.token_hash, session_id, grant.expires_at)


# What a token starts


async def test_the_ids_come_from_the_token(front: Front) -> None:
    assert (await front.offer("/whip", **bearer(token(section_id=None)))).status == 201
    who = front.placement.opened[0].identity
    assert (who.user_id, who.module_id, who.section_id) == ("7", "3", None)


async def test_other_ids_than_the_token_s_are_403(front: Front) -> None:
    for url in ("/whip?user_id=8", "/whip?module_id=4", "/whip?section_id=1"):
        response = await front.offer(url, **bearer(token()))
        assert await code_of(response) == (403, "ids_differ")
    assert not front.placement.opened


async def test_a_401_says_what_is_needed(front: Front) -> None:
    response = await front.offer()
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert await code_of(response) == (401, "token_missing")
    response = await front.offer(**bearer(expired_token()))
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert await code_of(response) == (401, "token_expired")


async def test_a_token_starts_one_session_even_of_many_at_once(front: Front) -> None:
    headers = bearer(token())
    answers = await asyncio.gather(*(front.offer(**headers) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [401] * 7
    assert len(front.placement.opened) == 1
    assert await code_of(await front.offer(**headers)) == (401, "token_used")


async def test_a_refused_offer_leaves_the_token_for_another_try(front: Front) -> None:
    headers = bearer(token())
    assert (await front.offer(body="refuse", **headers)).status == 422
    assert (await front.offer(**headers)).status == 201


async def test_a_token_without_a_module_starts_nothing(front: Front) -> None:
    response = await front.offer("/whip", **bearer(token(module_id=None)))
    assert await code_of(response) == (401, "token_invalid")


@pytest.mark.parametrize("header", ["Basic Nzo3", "Bearer", "Bearer a b", "Token x"])
async def test_another_header_is_no_token(front: Front, header: str) -> None:
    response = await front.offer(Authorization=header)
    assert await code_of(response) == (401, "token_missing")


# For how long it is good


async def test_the_token_stays_good_for_its_session_past_its_end(front: Front) -> None:
    created = await front.offer(**bearer(token()))
    late = expired_token()
    await let_expire(front, late)
    location = created.headers["Location"]
    for path in (location, ICE):
        assert (await front.http.get(path, headers=bearer(late))).status == 200
    assert (await front.http.delete(location, headers=bearer(late))).status == 200
    for path in (location, ICE):
        response = await front.http.get(path, headers=bearer(late))
        assert await code_of(response) == (401, "token_expired")


async def test_an_expired_token_is_good_for_no_other_session(front: Front) -> None:
    await front.offer("/whip", **bearer(token(section_id="1")))
    late = expired_token()
    await let_expire(front, late)
    second = await front.offer(**bearer(token()))
    response = await front.http.get(second.headers["Location"], headers=bearer(late))
    assert await code_of(response) == (401, "token_expired")


async def test_asking_for_ice_servers_uses_no_token_up(front: Front) -> None:
    headers = bearer(token())
    for _ in range(2):
        assert (await front.http.get(ICE, headers=headers)).status == 200
    assert (await front.offer(**headers)).status == 201


async def test_pictures_of_one_token_go_into_one_session(front: Front) -> None:
    first, headers = token(), {}
    for sent in (first, first, token()):
        headers = bearer(sent)
        response = await front.http.post("/api/frames", json=PICTURE, headers=headers)
        assert response.status == 200
    assert len(front.placement.opened) == 1
    assert len(front.placement.frames) == 3
    late = await front.http.post("/api/frames", json=PICTURE, headers=bearer(expired_token()))
    assert await code_of(late) == (401, "token_expired")


async def test_a_used_token_sends_no_pictures_into_a_new_session(front: Front) -> None:
    text = token()
    await front.offer(**bearer(text))
    response = await front.http.post("/api/frames", json=PICTURE | {"token": text})
    assert await code_of(response) == (401, "token_used")
    assert response.headers["WWW-Authenticate"]


async def test_one_token_is_enough_for_all_pictures_of_a_web_socket(front: Front) -> None:
    async with front.http.ws_connect("/ws/frames") as socket:
        await socket.send_json(PICTURE)
        assert (await socket.receive_json())["code"] == "token_missing"
        for more in ({"token": token()}, {}, {}):
            await socket.send_json(PICTURE | more)
            assert (await socket.receive_json())["success"] is True
    assert len(front.placement.opened) == 1


async def test_a_web_socket_takes_the_header_of_its_handshake(front: Front) -> None:
    async with front.http.ws_connect("/ws/frames", headers=bearer(token())) as socket:
        await socket.send_json({"v": 1, "type": "attach"})
        attached = await socket.receive_json()
    assert attached["type"] == "attached"
    assert front.placement.opened[0].identity.user_id == "7"


async def test_a_web_socket_resumes_by_the_resume_token_alone(front: Front) -> None:
    async with front.http.ws_connect("/ws/frames") as socket:
        await socket.send_json({"v": 1, "type": "attach", "token": token()})
        attached = await socket.receive_json()
    again = {name: attached[name] for name in ("session_id", "resume_token")}
    for _ in range(2):  # it stays: an answer that was lost locks nobody out
        async with front.http.ws_connect("/ws/frames") as socket:
            await socket.send_json({"v": 1, "type": "attach", **again})
            assert (await socket.receive_json())["type"] == "attached"
    async with front.http.ws_connect("/ws/frames") as socket:
        await socket.send_json({"v": 1, "type": "attach", **again, "resume_token": "another"})
        assert (await socket.receive_json())["code"] == "session_not_found"


@pytest.mark.parametrize("settings", [{**TOKEN_SETTINGS, "IDLE_TIMEOUT_SECONDS": "0.2"}])
async def test_a_web_socket_on_which_nothing_is_said_is_closed(front: Front) -> None:
    async with front.http.ws_connect("/ws/frames") as socket:
        closed = await socket.receive(timeout=10)
    assert closed.type is aiohttp.WSMsgType.CLOSE


# Without a key


async def test_this_machine_needs_no_token(at_home: Front) -> None:
    assert (await at_home.offer()).status == 201
    assert (await at_home.http.get("/api/sessions")).status == 200


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "198.51.100.1"},
        {"X-Real-IP": "198.51.100.1"},
        {"Forwarded": "for=198.51.100.1"},
        {"Host": "eyes.example.org"},
    ],
)
@pytest.mark.parametrize("path", ["/", IDS, "/api/sessions", ICE])
async def test_what_comes_through_a_proxy_is_refused_and_told_what_to_set(
    at_home: Front, header: dict[str, str], path: str
) -> None:
    response = await at_home.http.request("POST" if "whip" in path else "GET", path, headers=header)
    body = await response.json()
    assert (response.status, body["code"]) == (403, "auth_required")
    assert "SESSION_TOKEN_SECRET" in body["detail"]


async def test_probes_may_come_through_a_proxy(at_home: Front) -> None:
    for path in ("/healthz", "/readyz"):
        response = await at_home.http.get(path, headers={"X-Forwarded-For": "198.51.100.1"})
        assert response.status == 200


@pytest.mark.parametrize("settings", [{"AUTH_MODE": "open"}])
async def test_an_open_service_shows_what_it_stores_to_this_machine_only(front: Front) -> None:
    away = {"Host": "eyes.example.org"}
    assert (await front.offer(**away)).status == 201
    assert (await front.http.get("/api/sessions")).status == 200
    response = await front.http.get("/api/sessions", headers=away)
    assert await code_of(response) == (403, "auth_required")


@pytest.mark.parametrize("settings", [TOKEN_SETTINGS | {"AUTH_MODE": "open"}])
async def test_an_open_service_with_a_key_has_staff(front: Front) -> None:
    away = {"Host": "eyes.example.org"}
    assert (await front.offer(**away)).status == 201
    assert (await front.http.get("/api/sessions", headers=away)).status == 401
    headers = away | bearer(staff_token())
    assert (await front.http.get("/api/sessions", headers=headers)).status == 200


# Limits


@pytest.mark.parametrize("settings", [{"MAX_SESSIONS_PER_USER": "2"}])
async def test_a_third_lesson_of_one_student_is_429(app: web.Application, front: Front) -> None:
    for module in "12":
        assert (await front.offer(f"/whip?user_id=7&module_id={module}")).status == 201
    response = await front.offer("/whip?user_id=7&module_id=3")
    assert await code_of(response) == (429, "too_many_sessions_of_user")
    assert int(response.headers["Retry-After"]) > 0
    assert app[REFUSALS].counts() == {"too_many_sessions_of_user": 1}


@pytest.mark.parametrize(
    "settings",
    [{"MAX_SESSIONS_PER_ADDRESS": "1", "TRUSTED_PROXIES": "127.0.0.0/8", "AUTH_MODE": "open"}],
)
async def test_a_trusted_proxy_tells_addresses_apart(front: Front) -> None:
    def offer(user: int, address: str) -> asyncio.Future[aiohttp.ClientResponse]:
        url, said = f"/whip?user_id={user}&module_id=3", {"X-Forwarded-For": address}
        return asyncio.ensure_future(front.offer(url, **said))

    assert (await offer(1, "198.51.100.1")).status == 201
    assert (await offer(2, "198.51.100.2")).status == 201
    response = await offer(3, "6.6.6.6, 198.51.100.1")
    assert await code_of(response) == (429, "too_many_sessions_from_address")


@pytest.mark.parametrize("settings", [TOKEN_SETTINGS | {"MAX_OFFERS_PER_MINUTE": "2"}])
async def test_resumptions_of_a_session_are_limited(front: Front) -> None:
    created = await front.offer("/whip", **bearer(token()))
    url = f"/whip?session_id={created.headers['Session-Id']}"
    right = {"Resume-Token": created.headers["Resume-Token"]}
    told = [(await front.offer(url, **right)).status for _ in range(3)]
    assert told == [201, 201, 429]


@pytest.mark.parametrize("settings", [TOKEN_SETTINGS | {"MAX_OFFERS_PER_MINUTE": "2"}])
async def test_wrong_secrets_lock_nobody_out_who_has_a_right_one(front: Front) -> None:
    created = await front.offer("/whip", **bearer(token()))
    url = f"/whip?session_id={created.headers['Session-Id']}"
    used = bearer(token(module_id="4"))
    assert (await front.offer("/whip", **used)).status == 201
    for _ in range(9):
        await front.offer(url, **{"Resume-Token": "guessed"})
        await front.offer("/whip?session_id=none", **{"Resume-Token": "guessed"})
        await front.offer("/whip", **bearer(expired_token()))
    response = await front.offer(url, **{"Resume-Token": "guessed"})
    assert await code_of(response) == (429, "too_many_resumes")
    right = {"Resume-Token": created.headers["Resume-Token"]}
    assert (await front.offer(url, **right)).status == 201


@pytest.mark.parametrize("settings", [TOKEN_SETTINGS | {"MAX_OFFERS_PER_MINUTE": "3"}])
async def test_a_used_token_that_is_sent_again_locks_nobody_else_out(front: Front) -> None:
    used = bearer(token())
    told = [(await front.offer("/whip", **used)).status for _ in range(9)]
    assert told == [201, 401, 401, 401, 429, 429, 429, 429, 429]
    assert (await front.offer("/whip", **bearer(token(module_id="9")))).status == 201


@pytest.mark.parametrize("name", ["Resume-Token", "Authorization"])
async def test_headers_that_are_no_text_are_wrong_secrets(front: Front, name: str) -> None:
    url = "/whip?session_id=%00" if name == "Resume-Token" else "/whip"
    odd = "Bearer \udcff\udcfe" if name == "Authorization" else "\udcff"
    assert (await front.offer(url, **{name: odd})).status in {401, 404}


async def test_a_refused_session_counts_against_nobody(front: Front) -> None:
    for number in range(8):
        await front.offer("/whip", body="refuse", **bearer(token(module_id=str(number))))
    assert (await front.offer("/whip", **bearer(token()))).status == 201


# Settings


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"AUTH_MODE": "token"}, "SESSION_TOKEN_SECRET"),
        ({"SESSION_TOKEN_SECRET": SECRET}, "SESSION_TOKEN_AUDIENCE"),
        (TOKEN_SETTINGS | {"SESSION_TOKEN_SECRET": "x" * 31}, "SESSION_TOKEN_SECRET"),
        ({"SESSION_TOKEN_PUBLIC_KEY": SECRET}, "SESSION_TOKEN_PUBLIC_KEY"),
        ({"HOST": "0.0.0.0"}, "AUTH_MODE"),
        ({"AUTH_MODE": "closed"}, "AUTH_MODE"),
        ({"TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES"),
    ],
)
def test_settings_that_let_in_the_wrong_ones_are_refused(
    environment: dict[str, str], name: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(environment)
    assert name in {line.split(":")[0] for line in str(caught.value).splitlines()}


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, AuthMode.LOOPBACK),
        ({"AUTH_MODE": "open", "HOST": "0.0.0.0"}, AuthMode.OPEN),
        (TOKEN_SETTINGS, AuthMode.TOKEN),
        (TOKEN_SETTINGS | {"HOST": "0.0.0.0"}, AuthMode.TOKEN),
        (TOKEN_SETTINGS | {"AUTH_MODE": "open"}, AuthMode.OPEN),
    ],
)
def test_a_key_is_a_word_on_who_may_start_a_session(
    environment: dict[str, str], mode: AuthMode
) -> None:
    assert load(environment).auth_config().mode is mode


def test_the_public_address_is_the_audience_unless_another_is_set() -> None:
    given = {"SESSION_TOKEN_SECRET": SECRET, "PYTHON_SERVICE_URL": "https://eyes.example.org/"}
    tokens = load(given).auth_config().tokens
    assert tokens is not None
    assert tokens.audience == "https://eyes.example.org"
