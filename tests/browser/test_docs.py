"""The API document at ``/docs``, under the service's own content security policy."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from signaling.app import make_routes
from signaling.settings import load
from tests.browser.axe import violations
from tests.fakes.front import Front, front_of
from tests.fakes.site import TOKEN_SETTINGS

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(120)]

SCREENSHOT = Path(__file__).parents[2] / "docs" / "screenshots" / "docs.png"


@pytest.fixture
def app() -> web.Application:
    return make_routes(load(TOKEN_SETTINGS))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


async def opened(browser: Browser, front: Front, part: str = "", width: int = 1280) -> Page:
    """The page, loaded; a violated policy or an error on it fails the test."""
    page = await browser.new_page(viewport={"width": width, "height": 900}, locale="en-GB")
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    await page.goto(f"{front.http.make_url('/docs')}{part}")
    await expect(page.locator(".operation").first).to_be_attached()
    assert troubles == []
    return page


async def test_it_shows_every_operation_of_the_document(browser: Browser, front: Front) -> None:
    page = await opened(browser, front)
    document = await (await front.http.get("/openapi.json")).json()
    operations = [
        one["operationId"] for path in document["paths"].values() for one in path.values()
    ]
    shown = await page.locator(".operation").evaluate_all("(cards) => cards.map(({ id }) => id)")
    assert sorted(shown) == sorted(operations)
    assert await page.locator(".model h3").all_inner_texts() == list(
        document["components"]["schemas"]
    )
    links = await page.locator("main a").evaluate_all("(all) => all.map((a) => a.hash.slice(1))")
    ids = set(await page.locator("[id]").evaluate_all("(all) => all.map(({ id }) => id)"))
    assert links
    assert set(links) <= ids


async def test_an_operation_is_found_by_a_word_and_opened_by_its_address(
    browser: Browser, front: Front
) -> None:
    page = await opened(browser, front, "#post-whip")
    card = page.locator("#post-whip")
    await expect(card).to_have_attribute("open", "")
    await expect(card).to_contain_text("token_used")
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        await page.screenshot(path=SCREENSHOT)
    await page.get_by_label("Find").fill("delete stored")
    await expect(page.locator("#found")).to_have_text("1 operation")
    await expect(page.locator(".operation:visible .path")).to_have_text("/api/users/{user_id}")


@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing_on_it(browser: Browser, front: Front, width: int) -> None:
    page = await opened(browser, front, width=width)
    await page.locator(".operation").evaluate_all(
        "(cards) => cards.forEach((card) => { card.open = true })"
    )
    assert await violations(page) == []
    fits = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert fits, "the page is wider than the screen"
