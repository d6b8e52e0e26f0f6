"""Networks that let no WebRTC through: the pictures find another way, in one session."""

import asyncio

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson
from tests.browser.site_row import the_only_row
from tests.fakes.refusing_proxy import RefusingProxy
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]

FIRST_PICTURE = 10.0
"""Seconds within which a session is to run on any network."""


async def test_without_webrtc_pictures_travel_by_websocket_and_climb_up_when_it_passes(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    lesson = await Lesson.open(browser, serve().url, udp=False)
    await lesson.start()
    await lesson.way_is("picture by picture", FIRST_PICTURE)
    before = await lesson.sees(20)

    await lesson.page.evaluate("udpPasses = true; dispatchEvent(new Event('online'))")
    await lesson.way_is("direct")
    assert await lesson.sees(20) >= before + 20

    await lesson.stop()
    row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"
    assert row.exact["unknown_by_cause"].get("reconnecting", 0.0) == 0.0
    assert row.exact["frames_processed"] >= before + 20
    assert len(php_site.rows()) == 1


async def test_where_a_proxy_refuses_the_upgrade_pictures_travel_in_requests(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    async with RefusingProxy(serve().url) as proxy:
        lesson = await Lesson.open(browser, proxy.url, udp=False)
        await lesson.start()
        await lesson.way_is("single pictures", FIRST_PICTURE)
        assert proxy.refused > 0
        began, first = asyncio.get_running_loop().time(), await lesson.seq()
        last = await lesson.sees(50)
        seconds = asyncio.get_running_loop().time() - began

        await lesson.stop()
        row = await the_only_row(php_site, 5.0)

    assert (last - first) / seconds >= 8.0
    assert row.exact["end_reason"] == "client_bye"
    assert row.exact["frames_processed"] >= last
    assert len(php_site.rows()) == 1
