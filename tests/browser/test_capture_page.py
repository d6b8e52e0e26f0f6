"""A student's browser, from the click on start to the row in the site's database."""

import time

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import Metric, StudentPage, kill_tab
from tests.browser.conftest import Serve
from tests.browser.screenshots import keep
from tests.browser.site_row import SiteRow, the_only_row
from tests.browser.static_site import StaticSite
from tests.servers.php import PhpSite

pytestmark = [
    pytest.mark.needs("chromium", "mariadb", "php"),
    pytest.mark.timeout(120),
]

STREAMED = 10.0
GRACE = 2.0
QUERY = "user_id=7&module_id=3&section_id=2"


async def test_a_stopped_session_is_one_row_with_what_the_page_showed(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    student = await StudentPage.open(browser, f"{serve().url}/?{QUERY}")
    await student.start()
    await student.streams(STREAMED)
    await keep(student.page, "capture")

    clicked = await student.stop()
    stopped = time.monotonic()
    row = await the_only_row(php_site, 3.0)

    metrics = await student.metrics()
    _at_least_nine_a_second(metrics)
    assert row.seen_at - stopped <= 3.0
    assert row.accounted == pytest.approx(clicked - metrics[0].at, abs=0.3)
    assert row.exact["end_reason"] == "client_bye"
    await _shows_the_same(student, row)
    assert len(php_site.rows()) == 1


async def test_a_killed_tab_leaves_one_row_soon_after_the_grace(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    service = serve(RECONNECT_GRACE_SECONDS=f"{GRACE:g}")
    student = await StudentPage.open(browser, f"{service.url}/?{QUERY}")
    await student.start()
    await student.streams(4.0)

    streamed = (await student.metrics())[0]
    at_kill = await student.now()
    await kill_tab(browser, student.page)
    killed = time.monotonic()
    row = await the_only_row(php_site, GRACE + 10.0)

    assert row.seen_at - killed <= GRACE + 10.0
    assert row.exact["end_reason"] in {"peer_lost", "track_ended"}
    assert row.accounted == pytest.approx(at_kill - streamed.at, abs=0.5)
    assert len(php_site.rows()) == 1


async def test_leaving_the_page_ends_the_session_at_once(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    student = await StudentPage.open(browser, f"{serve().url}/?{QUERY}")
    await student.start()
    await student.streams(2.0)

    await student.page.goto("about:blank")
    row = await the_only_row(php_site, 3.0)

    assert row.exact["end_reason"] == "client_bye"


async def test_a_page_of_an_allowed_origin_is_measured_and_one_of_another_is_refused(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    with StaticSite() as site:
        service = serve(ALLOWED_ORIGINS=site.origin)
        address = f"?{QUERY}&service={service.url}"

        stranger = await StudentPage.open(browser, f"{site.other_origin}/{address}")
        assert await stranger.starts_in_vain("/whip") == "net::ERR_FAILED"
        await stranger.page.close()

        student = await StudentPage.open(browser, f"{site.origin}/{address}")
        await student.start()
        await student.streams(3.0)
        clicked = await student.stop()
        row = await the_only_row(php_site, 3.0)
        metrics = await student.metrics()

    assert row.accounted == pytest.approx(clicked - metrics[0].at, abs=0.3)


def _at_least_nine_a_second(metrics: list[Metric]) -> None:
    """Over the first ten seconds, each from a frame of its own with one face."""
    began = metrics[0].at
    window = [metric.body for metric in metrics if metric.at - began < STREAMED]
    assert len({body["seq"] for body in window}) == len(window)
    assert len({body["media_time"] for body in window}) == len(window)
    assert {body["face_count"] for body in window} == {1}
    assert len(window) >= 9 * STREAMED


async def _shows_the_same(student: StudentPage, row: SiteRow) -> None:
    await student.summary_is_shown()
    for hook in ("focused", "unfocused", "unknown", "total"):
        shown = await student.shown(f"s-{hook}")
        assert shown == pytest.approx(row.exact[f"{hook}_time"], abs=0.001)
