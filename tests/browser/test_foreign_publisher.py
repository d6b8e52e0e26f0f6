"""A publisher that is not ours: the npm package whip-whep, on a page of another origin.

It offers before it has candidates, trickles them, has no data channels, restarts ICE, deletes.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import Serve
from tests.browser.site_row import the_only_row
from tests.browser.static_site import StaticSite
from tests.fakes.site import TOKEN_SETTINGS, token
from tests.servers.php import PhpSite

pytestmark = [
    pytest.mark.needs("chromium", "mariadb", "php"),
    pytest.mark.timeout(120),
    pytest.mark.blocks("the service and the site are processes, which are waited for"),
]

PAGE = '<!doctype html><title>publisher</title><script type="module" src="publisher.js"></script>'
PUBLISHER = Path(__file__).with_name("foreign-publisher.js")
WHIP = Path(__file__).parents[2] / "web" / "node_modules" / "whip-whep" / "whip.js"


@pytest.fixture
def learning_site(tmp_path: Path) -> Iterator[StaticSite]:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    shutil.copy(PUBLISHER, folder / "publisher.js")
    shutil.copy(WHIP, folder / "whip.js")
    with StaticSite(folder) as site:
        yield site


async def _sees(page: Page, count: int) -> None:
    async with asyncio.timeout(20.0):
        await page.evaluate(f"sees({count})")


@pytest.mark.parametrize(
    "media",
    [{"audio": False, "h264": False}, {"audio": True, "h264": True}],
    ids=["video", "audio and H264 only"],
)
async def test_a_foreign_whip_client_is_measured_and_reads_its_metrics_as_events(
    browser: Browser,
    serve: Serve,
    php_site: PhpSite,
    learning_site: StaticSite,
    media: dict[str, bool],
) -> None:
    service = serve(ALLOWED_ORIGINS=learning_site.origin, **TOKEN_SETTINGS)
    page = await browser.new_page()
    await page.goto(learning_site.origin)
    await page.evaluate("values => publish(...values)", [f"{service.url}/whip", token(), media])
    await _sees(page, 20)
    assert ["PATCH", 204] in await page.evaluate("seen.statuses")

    await page.evaluate("restart()")
    before = int(await page.evaluate("seen.metrics.length"))
    await _sees(page, before + 20)
    assert ["PATCH", 200] in await page.evaluate("seen.statuses")

    await page.evaluate("stop()")
    row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"
    assert row.exact["frames_processed"] >= before + 20
    assert (await page.evaluate("seen.statuses"))[-1] == ["DELETE", 200]
    assert (await page.evaluate("seen.summary"))["end_reason"] == "client_bye"
