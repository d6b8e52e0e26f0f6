"""The connection test at ``/check``: what a student sends to the help desk."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.axe import violations
from tests.browser.conftest import Serve
from tests.browser.lesson import NO_UDP
from tests.fakes.refusing_proxy import RefusingProxy
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]

SCREENSHOT = Path(__file__).parents[2] / "docs" / "screenshots" / "check.png"
WITHIN = 60_000
"""Milliseconds for all ways, closed ones included."""


async def _checked(browser: Browser, url: str, *, udp: bool = True) -> tuple[Page, dict[str, Any]]:
    """Run the test on the page; the page, and the JSON that it gives."""
    context = await browser.new_context(viewport={"width": 900, "height": 1000}, locale="en-GB")
    page = await context.new_page()
    if not udp:
        await page.add_init_script(path=NO_UDP)
    await page.goto(f"{url}/check")
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("verdict").wait_for(timeout=WITHIN)
    report = json.loads(await page.get_by_test_id("json").text_content() or "")
    assert report["verdict"] == await page.get_by_test_id("sentence").inner_text()
    return page, report


async def test_every_way_is_timed_and_the_best_is_named(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    page, report = await _checked(browser, serve().url)

    assert report["best"] == "direct"
    assert "Eye tracking works here" in report["verdict"]
    assert (report["camera"]["result"], report["signaling"]["result"]) == ("works", "works")
    for rung in ("direct", "websocket", "rest"):
        outcome = report["rungs"][rung]
        assert outcome["result"] == "works"
        assert outcome["connectMs"] > 0
        assert outcome["roundTripMs"] > 0
    # the service of this test has no TURN server
    assert {report["rungs"][f"turn-{kind}"]["result"] for kind in ("udp", "tcp", "tls")} == {
        "absent"
    }
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        await page.screenshot(path=SCREENSHOT)
    assert await violations(page) == []
    assert php_site.rows() == []


async def test_a_closed_network_is_told_by_what_still_works(browser: Browser, serve: Serve) -> None:
    async with RefusingProxy(serve().url) as proxy:
        page, report = await _checked(browser, proxy.url, udp=False)
    assert report["best"] == "rest"
    assert "this network lets no video through" in report["verdict"]
    assert report["rungs"]["websocket"] == {"result": "fails", "reason": "unreachable"}
    assert report["rungs"]["direct"]["result"] == "fails"
    await page.context.close()
