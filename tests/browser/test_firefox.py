"""The same page in the other kind of browser."""

import asyncio

import pytest

from tests.browser.conftest import Serve
from tests.browser.firefox import firefox
from tests.browser.site_row import the_only_row
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("firefox", "mariadb", "php"), pytest.mark.timeout(120)]

STREAMED = 5.0
ENDING = """new Promise((resolve) => {
  const look = () => {
    const { textContent } = document.querySelector("#recap-lead");
    if (textContent) resolve(textContent);
    else requestAnimationFrame(look);
  };
  look();
})"""


async def test_firefox_is_measured_over_webrtc_and_leaves_one_row(
    serve: Serve, php_site: PhpSite
) -> None:
    service = serve()
    async with firefox() as browser:
        await browser.open(f"{service.url}/?user_id=7&module_id=3&section_id=2")
        await browser.click("start")
        async with asyncio.timeout(STREAMED + 30):
            await browser.evaluate(f"recordedFor({STREAMED})")
        await browser.click("stop")
        row = await the_only_row(php_site, 3.0)
        metrics = await browser.evaluate("recorded.metrics")
        stopped = await browser.evaluate("recorded.stoppedAt")
        async with asyncio.timeout(10):
            ending = await browser.evaluate(ENDING)

    assert ending.startswith("You faced the screen for")
    assert {body["face_count"] for _, body in metrics} == {1}
    assert len({body["seq"] for _, body in metrics}) == len(metrics)
    assert len(metrics) >= 8 * STREAMED
    assert row.exact["client"] == "webrtc"
    assert row.accounted == pytest.approx(stopped - metrics[0][0], abs=0.3)
