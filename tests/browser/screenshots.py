"""Pictures for the documents."""

import os
from pathlib import Path

from playwright.async_api import Page

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


async def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Take one, when ``UPDATE_SCREENSHOTS=1`` asks for it; ``whole``: what is below as well."""
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        await page.emulate_media(color_scheme="light")
        await page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)
