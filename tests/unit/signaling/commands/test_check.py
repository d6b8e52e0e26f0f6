"""``rtc-server check``: a line for each part, and an exit code that a script can use."""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rtc_server.base.config import ForwardConfig, StoreConfig
from rtc_server.store import Store
from signaling.checks.endpoint import check_endpoint
from signaling.checks.finding import Finding, Verdict
from signaling.checks.pages import LIBRARY, check_pages
from signaling.checks.turn import check_turn
from signaling.cli import app
from signaling.ice.directory import IceConfig
from signaling.routes.web import PAGES
from tests.fakes.http_site import Behaviour, HttpSite, answers

SECRETS = {
    "SESSION_TOKEN_SECRET": "the-token-secret-of-thirty-two-chars",
    "TRACKING_SAVE_SECRET": "the-save-secret",
    "TURN_SECRET": "the-turn-secret",
    "ICE_SERVERS_TOKEN": "the-provider-token",
}


@pytest.fixture
def web_root(tmp_path: Path) -> Path:
    """As a build leaves it."""
    root = tmp_path / "dist"
    for file in (*(file for file, _ in PAGES.values()), LIBRARY):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("built")
    return root


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, web_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store and pages of the test's own, and no other setting."""
    for name in os.environ:
        if name.startswith(("TURN_", "ICE_", "TRACKING_", "SESSION_", "AUTH_", "PHP_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WEB_ROOT", str(web_root))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new/sessions.db")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of loopback that refuses every connection."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def check(code: int) -> dict[str, list[tuple[str, str]]]:
    """Verdict and text of each finding, by name."""
    done = CliRunner().invoke(app, ["check", "--json"])
    assert done.exit_code == code, done.output
    told = json.loads(done.stdout)
    assert told["ok"] is (code == 0)
    found: dict[str, list[tuple[str, str]]] = {}
    for each in told["findings"]:
        found.setdefault(each["name"], []).append((each["verdict"], each["text"]))
    return found


@pytest.mark.parametrize(
    ("environment", "verdict", "said"),
    [
        ({"ICE_PORT_RANGE": "50000-50099"}, "note", "carries 100 students at once; MAX_SESSIONS"),
        ({"ICE_PORT_RANGE": "50000-50199"}, "ok", "carries 200 students at once"),
        ({"ICE_UDP_PORT": "50000", "MEDIA_WORKERS": "4"}, None, "UDP 50000-50003, one a worker"),
    ],
)
def test_it_says_how_many_students_the_ports_carry(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], verdict: str | None, said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found, text = check(0)["ports"][0]
    assert verdict in (found, None)  # how large a buffer may be, this machine says
    assert said in text


def test_a_fresh_checkout_is_fit_and_nothing_is_made(tmp_path: Path) -> None:
    found = check(0)
    assert [found[name][0][0] for name in found] == ["ok", "ok", "ok", "note", "note", "ok"]
    assert list(found) == ["settings", "pages", "store", "turn", "endpoint", "model"]
    assert not (tmp_path / "new").exists()


def test_people_get_a_line_each() -> None:
    lines = CliRunner().invoke(app, ["check"]).stdout.splitlines()
    assert [line.split()[1] for line in lines] == [
        *("settings", "pages", "store", "turn", "endpoint", "model")
    ]


def test_every_problem_of_the_settings_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "seventy")
    monkeypatch.setenv("HOST", "0.0.0.0")
    found = check(1)
    assert list(found) == ["settings"]
    assert [text.split(":")[0] for _, text in found["settings"]] == ["PORT", "AUTH_MODE"]


def test_a_store_that_is_up_to_date_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/sessions.db"
    monkeypatch.setenv("DATABASE_URL", url)

    async def made() -> None:
        await (await Store.open(StoreConfig(url))).close()

    asyncio.run(made())
    ((verdict, text),) = check(0)["store"]
    assert verdict == "ok"
    assert "up to date" in text


def test_a_store_out_of_reach_fails_without_its_password(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:the-password@127.0.0.1:{closed_port}/db")
    ((verdict, text),) = check(1)["store"]
    assert verdict == "failed"
    assert "the-password" not in text


def test_a_store_in_a_place_that_is_no_folder_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/file/sessions.db")
    ((verdict, _),) = check(1)["store"]
    assert verdict == "failed"


def test_no_secret_is_ever_printed(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SESSION_TOKEN_AUDIENCE", "https://eyes.example")
    monkeypatch.setenv("TURN_URLS", f"turn:127.0.0.1:{closed_port}?transport=tcp")
    monkeypatch.setenv("ICE_SERVERS_URL", f"http://127.0.0.1:{closed_port}/ice")
    monkeypatch.setenv("TRACKING_SAVE_URL", f"http://127.0.0.1:{closed_port}/save.php")
    for words in (["check"], ["check", "--json"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 1
        assert [value for value in SECRETS.values() if value in done.output] == []


def test_pages_that_were_not_built_are_named(web_root: Path) -> None:
    (web_root / LIBRARY).unlink()
    finding = check_pages(web_root)
    assert finding.verdict is Verdict.FAILED
    assert LIBRARY in finding.text


async def endpoint(*behaviours: Behaviour) -> Finding:
    async with HttpSite(*behaviours) as site:
        return await check_endpoint(ForwardConfig(save_url=site.url, secret="s", timeout=10.0))


KNOWS = answers(204, raw=b"", headers={"X-Tracking-Key": "session_uuid, seq"})


@pytest.mark.parametrize(
    ("behaviours", "verdict", "word"),
    [
        ((KNOWS, answers(400, {})), Verdict.OK, "takes the signature"),
        ((KNOWS, answers(401, {})), Verdict.FAILED, "TRACKING_SAVE_SECRET"),
        ((KNOWS, answers(body={"success": True})), Verdict.FAILED, "no field"),
        ((answers(204, raw=b""),), Verdict.NOTE, "waits for a person"),
        ((answers(405, raw=b""),), Verdict.NOTE, "405"),
        ((answers(404, raw=b""),), Verdict.FAILED, "nothing at TRACKING_SAVE_URL"),
        ((answers(403, raw=b""),), Verdict.FAILED, "lets nobody in"),
        ((answers(302, raw=b""),), Verdict.FAILED, "redirects"),
        ((answers(500, raw=b""),), Verdict.FAILED, "500"),
    ],
)
async def test_what_the_endpoint_answers_is_told(
    behaviours: tuple[Behaviour, ...], verdict: Verdict, word: str
) -> None:
    finding = await endpoint(*behaviours)
    assert finding.verdict is verdict
    assert word in finding.text


async def test_an_endpoint_that_knows_no_key_is_sent_no_record() -> None:
    async with HttpSite(answers(204, raw=b"")) as site:
        await check_endpoint(ForwardConfig(save_url=site.url))
        assert [request.method for request in site.requests] == ["OPTIONS"]


async def test_relay_only_without_a_server_fails() -> None:
    (finding,) = await check_turn(IceConfig(), relay_only=True)
    assert finding.verdict is Verdict.FAILED


async def test_a_provider_that_gives_nothing_fails_beside_the_rest(closed_port: int) -> None:
    config = IceConfig(provider_url=f"http://127.0.0.1:{closed_port}/ice")
    provider, none = await check_turn(config, relay_only=False)
    assert provider.verdict is Verdict.FAILED
    assert none.verdict is Verdict.NOTE
