"""The student looks at nine dots; the service takes a second at each as calibrating."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson
from tests.browser.site_row import the_only_row
from tests.servers.php import PhpSite

LOOKED = 9.0
"""Seconds at the nine dots; the way from one to the next is none of it."""

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]


async def test_nine_dots_are_nine_seconds_of_calibration(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.start()
    await lesson.is_live()
    dialog = lesson.page.get_by_test_id("points")

    await lesson.page.get_by_test_id("nine-keep").check()
    await lesson.page.get_by_test_id("nine").click()
    await expect(dialog).to_be_visible()
    assert await violations(lesson.page) == []
    await expect(dialog).to_be_hidden(timeout=40_000)
    await expect(lesson.page.get_by_test_id("status")).to_have_text("live")
    await lesson.stop()

    row = await the_only_row(php_site, 5.0)
    assert row.exact["unknown_by_cause"]["calibrating"] == pytest.approx(LOOKED, abs=1.5)


async def test_escape_ends_the_dots(browser: Browser, serve: Serve) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.start()
    await lesson.is_live()
    dialog = lesson.page.get_by_test_id("points")
    await lesson.page.get_by_test_id("nine").click()
    await expect(dialog).to_be_visible()
    await lesson.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert await lesson.sees(5) > 0
