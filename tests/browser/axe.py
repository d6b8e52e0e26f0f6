"""What axe finds wrong for people who use a keyboard, a screen reader or large contrast."""

from pathlib import Path

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


async def violations(page: Page) -> list[str]:
    """One line a violation, on the page as it is now, in light and in dark."""
    # evaluated, not added as a tag: the pages' content security policy allows no further script
    await page.evaluate(AXE.read_text())
    found: list[str] = []
    await page.emulate_media(reduced_motion="reduce", color_scheme="light")
    found += [f"light: {line}" for line in await _run(page)]
    await page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    found += [f"dark: {line}" for line in await _run(page)]
    return found


async def _run(page: Page) -> list[str]:
    lines: list[str] = await page.evaluate(
        """async () => {
          const { violations, passes } = await axe.run();
          if (passes.length === 0) throw new Error("axe looked at nothing");
          return violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id} ${html} ${failureSummary}`));
        }"""
    )
    return lines
