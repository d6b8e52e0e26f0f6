"""The example page of an integrator: one tag on a page of another origin, to the row."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.conftest import Serve
from tests.browser.example_site import ExampleSite
from tests.browser.site_row import the_only_row
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]


async def test_the_element_measures_on_a_page_that_only_places_it(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    with ExampleSite() as site:
        site.service = serve(ALLOWED_ORIGINS=site.origin).url
        context = await browser.new_context(locale="en-GB")
        page = await context.new_page()
        await page.goto(site.origin)
        assert await violations(page) == []

        await page.get_by_role("button", name="I agree").click()
        dot = page.locator("eye-session [part=dot]")
        await expect(dot).to_have_attribute("data-account", "focused", timeout=20_000)
        assert await violations(page) == []

        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("eye-session [part=ending]")).to_contain_text("You were focused")
        assert await violations(page) == []
        row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"
