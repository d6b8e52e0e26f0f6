"""What goes wrong for a student, on the page as served: each ends in words a person understands."""

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import chromium_without
from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson
from tests.browser.screenshots import keep
from tests.browser.site_row import the_only_row
from tests.browser.static_site import StaticSite
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]

PATIENT = "120"
"""Seconds: a busy machine takes its time to start a service."""
FAKE_CONSENT = "--use-fake-ui-for-media-stream"
FAKE_CAMERA = "--use-fake-device-for-media-stream"


@pytest.mark.parametrize(
    ("missing", "reason", "words"),
    [
        (FAKE_CONSENT, "permission_denied", "Allow the camera for this page"),
        (FAKE_CAMERA, "no_camera", "Connect a camera"),
    ],
)
async def test_without_a_camera_the_page_says_what_to_do(
    missing: str, reason: str, words: str
) -> None:
    with StaticSite() as site:
        async with chromium_without(missing) as browser:
            lesson = await Lesson.open(browser, site.origin)
            await lesson.start()
            assert words in await lesson.is_told(reason)
            await keep(lesson.page, reason)
            # nothing is lost: the student may try again, or go on without
            await expect(lesson.page.get_by_test_id("start")).to_be_visible()
            await expect(lesson.page.get_by_test_id("decline")).to_be_visible()


async def test_an_unplugged_camera_pauses_the_session_until_it_is_back(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.start()
    await lesson.is_live()
    await lesson.sees(10)

    await lesson.page.evaluate(
        """() => {
          const [track] = eyeSession.stream.getVideoTracks();
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }"""
    )
    assert "Plug the camera in again" in await lesson.is_told("camera_lost")
    await lesson.becomes("paused")
    await keep(lesson.page, "camera_lost")

    await lesson.page.get_by_test_id("pause").click()
    await lesson.is_live()
    await expect(lesson.page.locator("#problem")).to_be_hidden()
    await lesson.sees(10)
    await lesson.stop()
    row = await the_only_row(php_site, 5.0)
    assert row.exact["unknown_by_cause"]["muted"] > 0.0
    assert len(php_site.rows()) == 1


async def test_time_in_a_hidden_tab_is_unknown_and_the_account_says_so(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.start()
    await lesson.is_live()
    await lesson.sees(10)

    await _show(lesson.page, "hidden")
    await lesson.sees(30)
    await _show(lesson.page, "visible")
    await lesson.sees(10)
    await lesson.stop()
    await expect(lesson.page.locator("#recap-cause-list")).to_contain_text("page in the background")
    await keep(lesson.page, "summary")
    row = await the_only_row(php_site, 5.0)
    assert row.exact["unknown_by_cause"]["hidden"] > 2.0


async def _show(page: Page, state: str) -> None:
    """Say it in the browser's stead: a headless tab is always in view."""
    await page.evaluate(
        """(state) => {
          Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


async def test_a_restarted_service_goes_on_with_the_session(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    service = serve(RECONNECT_GRACE_SECONDS=PATIENT)
    lesson = await Lesson.open(browser, service.url)
    await lesson.start()
    await lesson.is_live()
    before = await lesson.sees(20)

    service.settings["PORT"] = str(urlsplit(service.url).port)
    await asyncio.to_thread(service.stop)
    await lesson.becomes("reconnecting")
    hint = lesson.page.get_by_test_id("hint")
    await expect(hint).to_contain_text("The connection was lost")
    await keep(lesson.page, "reconnecting")
    await asyncio.to_thread(service.start)
    await lesson.is_live(40.0)
    assert await lesson.sees(10) > before

    await lesson.stop()
    row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"
    assert row.exact["unknown_by_cause"]["reconnecting"] > 0.0
    assert len(php_site.rows()) == 1
