"""What a student does and sees on the capture page, whichever way the pictures travel."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

QUERY = "user_id=7&module_id=3&section_id=2"
NO_UDP = Path(__file__).with_name("no_udp.js")
PATIENCE = 20.0
"""Seconds that anything may take on a busy machine."""


class Lesson:
    """The capture page, by what it shows."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def open(cls, browser: Browser, url: str, *, udp: bool = True) -> "Lesson":
        """``url``: where the page is; ``udp``: whether the network lets WebRTC through."""
        context = await browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-GB")
        page = await context.new_page()
        if not udp:
            await page.add_init_script(path=NO_UDP)
        await page.goto(f"{url}/?{QUERY}")
        return cls(page)

    async def start(self) -> None:
        await self.page.get_by_test_id("start").click()

    async def is_live(self, seconds: float = PATIENCE) -> None:
        await self.becomes("live", seconds)

    async def becomes(self, state: str, seconds: float = PATIENCE) -> None:
        """Wait for the session's state."""
        await expect(self.page.get_by_test_id("status")).to_have_text(state, timeout=seconds * 1000)

    async def way_is(self, words: str, seconds: float = PATIENCE) -> None:
        """Wait until the page says how the pictures travel."""
        way = self.page.locator("#f-way")
        await expect(way).to_contain_text(words, timeout=seconds * 1000)

    async def seq(self) -> int:
        """The number of the newest picture that was analysed."""
        value = await self.page.get_by_test_id("m-seq").get_attribute("data-value")
        return 0 if value is None else int(value)

    async def sees(self, pictures: int, seconds: float = PATIENCE) -> int:
        """Wait for so many pictures more; the number of the newest."""
        wanted = await self.seq() + pictures
        await self.page.evaluate(
            """([wanted, within]) => new Promise((resolve, reject) => {
              const place = document.querySelector("#m-seq");
              const look = () => Number(place.dataset.value) >= wanted && resolve();
              new MutationObserver(look).observe(place, { attributes: true });
              setTimeout(() => reject(new Error(`no picture ${wanted}`)), within);
              look();
            })""",
            [wanted, seconds * 1000],
        )
        return await self.seq()

    async def is_told(self, reason: str, seconds: float = PATIENCE) -> str:
        """Wait for the page to say what is wrong; its words."""
        problem = self.page.locator(f"#problem[data-reason={reason}]")
        await problem.wait_for(timeout=seconds * 1000)
        return await problem.inner_text()

    async def stop(self) -> None:
        """Press stop and wait for the account of the session."""
        await self.page.get_by_test_id("stop").click()
        await self.page.get_by_test_id("summary").wait_for(timeout=PATIENCE * 1000)
