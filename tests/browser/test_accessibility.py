"""The capture page on all its screens, as axe sees it."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]


async def test_axe_finds_nothing_on_any_screen_of_the_capture_page(
    browser: Browser, serve: Serve
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    page = lesson.page
    assert await violations(page) == []

    await page.get_by_test_id("decline").click()
    await expect(page.get_by_test_id("declined")).to_be_visible()
    assert await violations(page) == []
    await page.locator("#reconsider").click()

    await lesson.start()
    await lesson.is_live()
    await lesson.sees(5)
    assert await violations(page) == []
    await page.get_by_test_id("pause").click()
    await lesson.becomes("paused")
    assert await violations(page) == []

    await lesson.stop()
    await page.locator("#recap details").evaluate("(details) => { details.open = true }")
    assert await violations(page) == []


async def test_axe_finds_nothing_where_the_page_says_what_is_wrong(
    browser: Browser, serve: Serve
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.page.goto(lesson.page.url.split("?")[0])
    await lesson.start()
    await lesson.is_told("ids")
    assert await violations(lesson.page) == []
