"""The capture page on all its screens, as axe sees it."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson

WIDTHS = (360, 768, 1280)
"""Pixels of a phone, a tablet and a laptop."""

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]


async def faults(page: Page) -> list[str]:
    """What axe finds, and where the page is wider than the screen."""
    found = await violations(page)
    size = page.viewport_size
    assert size is not None
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{over} px wider than {width}"] if over > 0 else []
    await page.set_viewport_size(size)
    return found


async def test_axe_finds_nothing_on_any_screen_of_the_capture_page(
    browser: Browser, serve: Serve
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    page = lesson.page
    assert await faults(page) == []

    await page.get_by_test_id("decline").click()
    await expect(page.get_by_test_id("declined")).to_be_visible()
    assert await faults(page) == []
    await page.locator("#reconsider").click()

    await lesson.start()
    await lesson.is_live()
    await lesson.sees(5)
    assert await faults(page) == []
    await page.get_by_test_id("pause").click()
    await lesson.becomes("paused")
    assert await faults(page) == []

    await lesson.stop()
    await page.locator("#recap-figures > details").evaluate("(details) => { details.open = true }")
    assert await faults(page) == []


async def test_axe_finds_nothing_where_the_page_says_what_is_wrong(
    browser: Browser, serve: Serve
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.page.goto(lesson.page.url.split("?")[0])
    await lesson.start()
    await lesson.is_told("ids")
    assert await violations(lesson.page) == []


async def test_a_session_needs_no_mouse(browser: Browser, serve: Serve) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await presses(lesson.page, "start")
    await lesson.is_live()
    await lesson.sees(5)
    await presses(lesson.page, "pause")
    await lesson.becomes("paused")
    await lesson.page.keyboard.press("Enter")  # the focus stayed where it was
    await lesson.is_live()
    await presses(lesson.page, "stop")
    await expect(lesson.page.locator("#recap-title")).to_be_focused()
    await presses(lesson.page, "again")
    await lesson.is_live()


async def presses(page: Page, hook: str) -> None:
    """Go from one control to the next until it is ``hook``, and press Enter."""
    wanted = page.get_by_test_id(hook)
    await expect(wanted).to_be_enabled()
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(element) => element === document.activeElement"):
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {hook}")
