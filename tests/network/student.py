"""A student's browser on the campus: from the click on start to the one on stop."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Page

from tests.browser.chromium import chromium
from tests.browser.firefox import firefox

RECORDER = Path(__file__).with_name("recorder.js")
QUERY = "user_id=7&module_id=3&section_id=2"
FIRST_SECONDS = 40.0
"""Longer than any profile may take: a late first message is reported with its time."""
BEFORE_EVENT = 4.0
RECOVERY_SECONDS = 40.0

Candidate = dict[str, Any]
Pair = dict[str, Candidate]


class Tab(Protocol):
    """The page in whichever browser."""

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page has
        """The value of an expression, or of its promise."""
        ...

    async def click(self, hook: str) -> None:
        """Click on the element with this ``data-testid``."""
        ...


Happen = Callable[[Tab], Awaitable[None]]


@dataclass(frozen=True)
class Recording:
    """What the page saw, in seconds of its own clock."""

    seconds: float
    """That were measured, from ``measured_from`` on."""
    began: float
    """``createEyeSession`` was called."""
    stopped: float
    measured_from: float
    """The first metrics of the measured seconds: after the event, where there is one."""
    metrics: list[tuple[float, dict[str, Any]]]
    states: list[tuple[float, str, str | None]]
    pairs: tuple[Pair | None, Pair | None]
    """The selected candidates after the first metrics and at the end."""
    has_summary: bool

    @property
    def first_after(self) -> float:
        """Seconds to the first metrics."""
        return self.metrics[0][0] - self.began

    @property
    def rung(self) -> str:
        """The last one that the page was told."""
        return next((rung for _, _, rung in reversed(self.states) if rung), "none")

    @property
    def rate(self) -> float:
        """Metrics a second, each from a frame of its own."""
        end = self.measured_from + self.seconds
        window = [body for at, body in self.metrics if self.measured_from <= at < end]
        return min(len({body[name] for body in window}) for name in OWN) / self.seconds

    @property
    def streamed(self) -> float:
        """Seconds from the first frame to the click on stop."""
        at, body = self.metrics[0]
        media_time: float = body["media_time"]
        return self.stopped - (at - media_time)

    @property
    def gap(self) -> float:
        """The longest time without metrics."""
        times = [at for at, _ in self.metrics]
        return max(later - at for at, later in itertools.pairwise(times))


OWN = ("seq", "media_time")
"""What no two messages may share when each comes from its own frame."""


class _ChromiumTab:
    def __init__(self, page: Page) -> None:
        self._page = page

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page has
        return await self._page.evaluate(expression)

    async def click(self, hook: str) -> None:
        await self._page.get_by_test_id(hook).click()


@asynccontextmanager
async def _chromium(url: str, camera: Path, home: Path) -> AsyncIterator[Tab]:
    async with chromium(camera, home) as browser:
        page = await browser.new_page(locale="en-GB")
        await page.add_init_script(path=RECORDER)
        await page.goto(url)
        yield _ChromiumTab(page)


@asynccontextmanager
async def _firefox(url: str) -> AsyncIterator[Tab]:
    """Its camera is a canvas, and it takes the laboratory's certificates unseen."""
    async with firefox() as browser:
        await browser.open(url, recorder=RECORDER, insecure=True)
        yield browser


async def attend(
    url: str,
    camera: Path,
    home: Path,
    happen: Happen | None,
    seconds: float,
    browser: str = "chromium",
) -> Recording:
    """Be measured for some seconds; ``happen``: what befalls the network before."""
    address = f"{url}/?{QUERY}"
    opened = _chromium(address, camera, home) if browser == "chromium" else _firefox(address)
    async with opened as tab:
        await tab.click("start")
        await _flows(tab, 0.0, 0.0, FIRST_SECONDS)
        first_pair = await tab.evaluate("labPair()")
        happened = 0.0 if happen is None else await _live_through(tab, happen)
        first = await _flows(tab, happened, 0.0, RECOVERY_SECONDS)
        await _flows(tab, first, seconds, RECOVERY_SECONDS)
        last_pair = await tab.evaluate("labPair()")
        await tab.click("stop")
        await tab.evaluate("labEnded(10)")
        return _recording(await tab.evaluate("lab"), first, seconds, (first_pair, last_pair))


async def _live_through(page: Tab, happen: Happen) -> float:
    """Let it happen after a few seconds; the page's clock when it is over."""
    await _flows(page, 0.0, BEFORE_EVENT, FIRST_SECONDS)
    await happen(page)
    return float(await page.evaluate("performance.now() / 1000"))


async def _flows(page: Tab, since: float, seconds: float, within: float) -> float:
    """Wait until metrics came for ``seconds``; when the first of them came."""
    # Not wait_for_function: the page's content security policy forbids it to evaluate.
    async with asyncio.timeout(seconds + within):
        return float(await page.evaluate(f"labFlows({since}, {seconds})"))


def _recording(
    lab: dict[str, Any], first: float, seconds: float, pairs: tuple[Pair | None, Pair | None]
) -> Recording:
    return Recording(
        seconds=seconds,
        began=lab["began"],
        stopped=lab["stopped"],
        measured_from=first,
        metrics=[(at, body) for at, body in lab["metrics"]],
        states=[(at, name, rung) for at, name, rung in lab["states"]],
        pairs=pairs,
        has_summary=lab["summary"] is not None,
    )
