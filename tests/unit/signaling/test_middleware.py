"""What every answer carries, what the log says of a request, and that refusals are counted."""

import io
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from rtc_server.base.log import QUIET
from signaling.app import make_routes
from signaling.app_keys import REFUSALS
from signaling.routes.web import PAGES
from signaling.settings import load
from tests.fakes.front import Front, front_of
from tests.fakes.site import TOKEN_SETTINGS, bearer, token

SERVICE = "https://eyes.example.org"


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    """With a web root of its own: one page for each path, and an asset."""
    root = tmp_path / "web"
    (root / "assets").mkdir(parents=True)
    for file, _ in PAGES.values():
        (root / file).write_text("<!doctype html><title>A page</title>")
    (root / "assets" / "code.js").write_text("0;")
    return make_routes(
        load({**TOKEN_SETTINGS, "WEB_ROOT": str(root), "PYTHON_SERVICE_URL": SERVICE})
    )


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


OTHERS = ("/assets/code.js", "/healthz", "/openapi.json", "/metrics", "/nothing", "/api/sessions")


@pytest.mark.parametrize("path", [*PAGES, *OTHERS])
async def test_pages_answers_and_refusals_carry_a_strict_policy(front: Front, path: str) -> None:
    headers = (await front.http.get(path)).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"  # no script, style or frame from anywhere else
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == policy["form-action"] == "'self'"
    assert policy["connect-src"] == f"'self' {SERVICE}"
    assert not any("unsafe" in value or "*" in value for value in policy.values())
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Permissions-Policy"] == "camera=(self), microphone=()"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers  # this one speaks plain HTTP


async def test_the_log_holds_route_templates_and_no_secret(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carried = token(sub="4711")
    created = await front.offer("/whip?section_id=2", **bearer(carried))
    assert created.status == 201
    resource = created.headers["Location"]
    await front.http.get(resource, headers=bearer(carried))
    await (await front.http.get("/api/users/4711/export", headers=bearer(carried))).read()
    await front.http.get(f"{resource}/nothing?token={carried}")
    lines = [record.getMessage() for record in caplog.records if "middleware" in record.name]
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in lines] == [
        "POST /whip 201",
        "GET /whip/{resource} 200",
        "GET /api/users/{user_id}/export 200",
        "GET - 404",
    ]
    # libraries that tell too much are kept quiet, whatever LOG_LEVEL is
    ours = [one for one in caplog.records if not one.name.startswith(QUIET)]
    logged = "\n".join(record.getMessage() for record in ours)
    secrets = (carried, resource.rpartition("/")[2], created.headers["Resume-Token"], "4711")
    assert not [secret for secret in secrets if secret in logged]


async def test_refusals_of_every_kind_are_counted_by_their_code(
    app: web.Application, front: Front
) -> None:
    await front.http.get("/nothing")
    await front.http.put("/whip")
    await front.http.get("/api/sessions")
    await front.http.get("/healthz", headers={"Origin": "https://elsewhere.example"})
    await front.http.post("/api/frames", data=io.BytesIO(b"x" * 2_000_000))
    assert app[REFUSALS].counts() == {
        "not_found": 1,
        "method_not_allowed": 1,
        "token_missing": 1,
        "origin_refused": 1,
        "request_entity_too_large": 1,
    }
