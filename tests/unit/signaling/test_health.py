"""What the probes say."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from signaling.app import make_routes
from signaling.app_keys import TURN
from signaling.settings import load
from tests.fakes.front import Front, front_of


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({}))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


async def test_readiness_tells_what_was_found_of_the_turn_server(
    app: web.Application, front: Front
) -> None:
    answer = await front.http.get("/readyz")
    assert (answer.status, await answer.json()) == (
        200,
        {"ready": True, "store": "ok", "turn": "unknown", "tasks": {}},
    )
    await app[TURN].look()
    answer = await front.http.get("/readyz")
    assert (answer.status, await answer.json()) == (
        200,
        {"ready": True, "store": "ok", "turn": "none", "tasks": {}},
    )


async def test_a_page_learns_how_long_numbers_are_kept(front: Front) -> None:
    answer = await front.http.get("/api/privacy")
    assert (answer.status, await answer.json()) == (200, {"retention_days": 365.0})
