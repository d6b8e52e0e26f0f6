"""What whoever runs the service asks of it: why refused, what became of a session, who may read."""

import asyncio
import csv
import io
import logging
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from typer.testing import CliRunner

from rtc_server.base.config import StoreConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.store.model import NewSession
from rtc_server.store.store import Store
from signaling.app import make_routes
from signaling.cli import app
from signaling.settings import SettingsError, load
from tests.fakes.front import SDP, Front, front_of
from tests.fakes.site import SECRET, TOKEN_SETTINGS, bearer, expired_token, token

METRICS = "a-token-of-a-Prometheus"


@pytest.fixture
def routes() -> web.Application:
    return make_routes(load({**TOKEN_SETTINGS, "METRICS_TOKEN": METRICS}))


@pytest.fixture
async def front(routes: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(routes, tmp_path) as front:
        yield front


@pytest.mark.parametrize(
    ("given", "origin", "reason"),
    [
        (None, "https://stranger.example", "'https://stranger.example'"),
        (token(aud="https://other.example"), None, "another audience, 'https://other.example'"),
        (token(sub="ada"), None, "its sub is missing or of another form"),
        (token("another secret of thirty-two chars"), None, "not signed as it should be"),
        (expired_token(), None, "expired"),
        (None, None, "token_missing"),
    ],
    ids=["origin", "audience", "claim", "signature", "expiry", "nothing"],
)
async def test_a_refusal_is_in_the_log_with_its_reason_and_without_the_token(
    front: Front,
    caplog: pytest.LogCaptureFixture,
    given: str | None,
    origin: str | None,
    reason: str,
) -> None:
    caplog.set_level(logging.INFO)
    headers = {**SDP, **bearer(given), **({} if origin is None else {"Origin": origin})}
    async with front.http.post("/whip", data="v=0", headers=headers) as response:
        assert response.status in {401, 403}
    told = [record.getMessage() for record in caplog.records if "refused (" in record.getMessage()]
    assert len(told) == 1
    assert reason in told[0]
    assert given is None or given not in caplog.text


async def test_what_an_origin_writes_into_the_log_stays_one_short_line(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    headers = {"Origin": "https://é\u2028" + "x" * 1000}
    async with front.http.get("/api/ice-servers", headers=headers) as response:
        assert response.status == 403
    (told,) = [r.getMessage() for r in caplog.records if "refused (" in r.getMessage()]
    assert told.isascii()
    assert len(told) < 300


@pytest.mark.parametrize(("given", "status"), [(METRICS, 200), ("another", 401), (None, 200)])
async def test_a_prometheus_reads_metrics_with_its_own_token(
    front: Front, given: str | None, status: int
) -> None:
    async with front.http.get("/metrics", headers=bearer(given)) as response:
        assert response.status == status
    elsewhere = {**bearer(given), "X-Forwarded-For": "203.0.113.9"}
    async with front.http.get("/metrics", headers=elsewhere) as response:
        assert (response.status == 200) is (given == METRICS)
    async with front.http.get("/api/sessions", headers=bearer(METRICS)) as response:
        assert response.status == 401


@pytest.mark.parametrize("given", ["short", "one that no header carries"])
def test_a_metrics_token_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="METRICS_TOKEN"):
        load({"METRICS_TOKEN": given})


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with one ended session of student 7."""
    file = tmp_path / "data" / "s.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.setenv("TRACKING_SAVE_SECRET", SECRET)

    async def fill() -> None:
        store = await Store.open(StoreConfig(database_url=f"sqlite:///{file}"))
        new = NewSession("a-session", "7", "3", "2", "resource", "resume", "webrtc")
        await store.sessions.create(new)
        await store.sessions.end("a-session", 1, EndReason.CLIENT_BYE, {"focused_time": 12.5})
        await store.close()

    asyncio.run(fill())
    return file


def test_the_files_of_the_store_are_for_its_own_user_alone(stored: Path) -> None:
    for path in stored.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@pytest.mark.parametrize("who", ["a-session", "7"])
def test_a_session_s_story_is_told_by_its_id_or_its_student_s(stored: Path, who: str) -> None:
    assert stored.exists()
    done = CliRunner().invoke(app, ["session", who])
    assert done.exit_code == 0, done.output
    for word in ("a-session", "student 7, module 3, section 2", "client_bye", "focused_time 12.5"):
        assert word in done.output


def test_a_student_is_erased_and_the_site_s_sql_is_told(stored: Path) -> None:
    assert stored.exists()
    done = CliRunner().invoke(app, ["erase", "7", "--yes"])
    assert "1 sessions erased" in done.output
    assert "DELETE FROM eye_tracking_sessions WHERE user_id = 7;" in done.output
    assert CliRunner().invoke(app, ["session", "7"]).exit_code == 1


def test_a_module_is_exported_with_a_row_for_each_session(stored: Path) -> None:
    assert stored.exists()
    done = CliRunner().invoke(app, ["export", "3", "--bom"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(done.output.removeprefix("\ufeff")))
    assert (row["session_id"], row["user_id"], row["section_id"]) == ("a-session", "7", "2")
    assert (row["end_reason"], row["focused_time"]) == ("client_bye", "12.5")
    assert row["started_at"].endswith("Z")
    assert len(CliRunner().invoke(app, ["export", "4"]).output.splitlines()) == 1
