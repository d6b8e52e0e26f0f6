"""A real Chromium whose camera is a file, and a page whose every message is written down."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Request, async_playwright

PROGRAM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ON_LOOPBACK = "--allow-loopback-in-peer-connection"
RECORDER = Path(__file__).with_name("recorder.js")


@asynccontextmanager
async def chromium(camera: Path, home: Path | None = None) -> AsyncIterator[Browser]:
    """A headless browser that sees the Y4M file ``camera``.

    It meets services on loopback; with a ``home`` of its own it trusts the authorities there and
    uses the network's addresses alone.
    """
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
    environment: dict[str, str | float | bool] = {**os.environ}
    if home is None:
        flags.append(ON_LOOPBACK)
    else:
        environment["HOME"] = str(home)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=PROGRAM, headless=True, env=environment, args=flags
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def chromium_without(*flags: str, instead: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """A browser as the others, but for these flags; its camera shows a test picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=PROGRAM, args=[*(flag for flag in FLAGS if flag not in flags), *instead]
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True)
class Metric:
    """A ``metrics`` message as it came out of the data channel."""

    at: float
    """Seconds of the page's own monotonic clock."""
    body: dict[str, Any]


class StudentPage:
    """The capture page in a browser, seen through its ``data-testid`` hooks and its channels."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def open(cls, browser: Browser, url: str) -> "StudentPage":
        """Open ``url`` in a window of its own."""
        context = await browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-GB")
        page = await context.new_page()
        await page.add_init_script(path=RECORDER)
        await page.goto(url)
        return cls(page)

    async def start(self) -> None:
        await self.page.get_by_test_id("start").click()

    async def stop(self) -> float:
        """Press stop; the page's clock at the moment of the click."""
        await self.page.get_by_test_id("stop").click()
        clicked: float = await self.page.evaluate("recorded.stoppedAt")
        return clicked

    async def streams(self, seconds: float, within: float = 20.0) -> None:
        """Wait until metrics have arrived for so many seconds."""
        # Not wait_for_function: the page's own content security policy forbids it to evaluate.
        async with asyncio.timeout(seconds + within):
            await self.page.evaluate(f"recordedFor({seconds})")

    async def now(self) -> float:
        """The page's clock."""
        seconds: float = await self.page.evaluate("performance.now() / 1000")
        return seconds

    async def starts_in_vain(self, path: str) -> str:
        """Press start and wait until a request for ``path`` fails; what the browser says of it."""

        def is_it(request: Request) -> bool:
            return urlsplit(request.url).path == path

        async with self.page.expect_event("requestfailed", is_it) as failing:
            await self.start()
        return (await failing.value).failure or ""

    async def summary_is_shown(self, seconds: float = 5.0) -> None:
        await self.page.get_by_test_id("summary").wait_for(timeout=seconds * 1000)

    async def metrics(self) -> list[Metric]:
        """Every ``metrics`` message so far, in the order of arrival."""
        found = await self.page.evaluate("recorded.metrics")
        return [Metric(at, body) for at, body in found]

    async def shown(self, hook: str) -> float:
        """The number behind what the page shows at ``hook``."""
        value = await self.page.get_by_test_id(hook).get_attribute("data-value")
        assert value is not None, f"{hook} shows no number"
        return float(value)


async def kill_tab(browser: Browser, page: Page) -> None:
    """SIGKILL the tab's renderer: no goodbye of any kind can leave it."""
    crashed = page.wait_for_event("crash")
    for pid in await _renderers(browser):
        os.kill(pid, signal.SIGKILL)
    await crashed


async def _renderers(browser: Browser) -> list[int]:
    """Process ids of this very browser's tabs."""
    session = await browser.new_browser_cdp_session()
    info = await session.send("SystemInfo.getProcessInfo")
    return [entry["id"] for entry in info["processInfo"] if entry["type"] == "renderer"]
