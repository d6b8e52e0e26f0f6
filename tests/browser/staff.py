"""What a teacher does and sees on the dashboard."""

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, expect

PATIENCE = 20.0
"""Seconds that anything may take on a busy machine."""


class StaffPage:
    """The dashboard, by what it shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        """What the browser complained about: a breach of the content security policy, too."""
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    @classmethod
    async def open(
        cls, browser: Browser, url: str, token: str | None = None, *, language: str = "en-GB"
    ) -> "StaffPage":
        """``url``: of the service; ``token``: handed over as the site does it."""
        context = await browser.new_context(
            viewport={"width": 1280, "height": 860}, locale=language, reduced_motion="reduce"
        )
        page = cls(await context.new_page())
        await page.page.goto(f"{url}/dashboard" + ("" if token is None else f"#token={token}"))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def shows(self, hook: str) -> Locator:
        return self.page.get_by_test_id(hook)

    def card(self, student: str) -> Locator:
        """The strip of this student's session."""
        name = self.page.locator(".who", has_text=f"Student {student}")
        return self.page.locator(".strip-card").filter(has=name)

    async def sees(self, hook: str, text: str) -> None:
        await expect(self.shows(hook)).to_contain_text(text, timeout=PATIENCE * 1000)

    async def goes_to(self, session_id: str) -> None:
        """The page of one session, once it is filled."""
        await self.page.evaluate(f"location.hash = 'session={session_id}'")
        await expect(self.shows("session-body")).to_be_visible(timeout=PATIENCE * 1000)

    async def exports(self, kind: str) -> tuple[str, str]:
        """Press the button; the file's name and what is in it."""
        async with self.page.expect_download() as downloading:
            await self.shows(f"export-{kind}").click()
        download = await downloading.value
        path = await download.path()
        return download.suggested_filename, path.read_text()
