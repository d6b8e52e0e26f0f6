"""The example page of an integrator: one tag on a page of another origin, to the row."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Serve
from tests.browser.example_site import ExampleSite
from tests.browser.screenshots import keep
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
        await keep(page, "element")

        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("eye-session [part=ending]")).to_contain_text(
            "You faced the screen"
        )
        assert await violations(page) == []
        row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"


async def test_scrolled_out_of_view_it_leaves_a_line_that_covers_nothing(
    browser: Browser, serve: Serve
) -> None:
    with ExampleSite() as site:
        page = await _running(browser, site, serve(ALLOWED_ORIGINS=site.origin).url)
        rail = page.locator("eye-session [part=rail]")
        await expect(rail).to_be_hidden()
        await page.evaluate("document.body.style.paddingBottom = '3000px'; scrollTo(0, 2500)")
        await expect(rail).to_be_visible()
        box = await rail.bounding_box()
        assert box is not None
        assert box["height"] <= 4
        await expect(rail).to_have_css("pointer-events", "none")

        await page.evaluate("scrollTo(0, 0)")
        await expect(rail).to_be_hidden()
        await page.evaluate("scrollTo(0, 2500)")
        await expect(rail).to_be_visible()
        await page.evaluate("document.querySelector('eye-session').session.pause()")
        await expect(rail).to_be_hidden()  # the camera is off


async def test_it_speaks_the_language_of_the_lesson_and_needs_no_mouse(
    browser: Browser, serve: Serve
) -> None:
    with ExampleSite() as site:
        site.language = "de"
        page = await _running(browser, site, serve(ALLOWED_ORIGINS=site.origin).url)
        await expect(page.locator("eye-session [part=box]")).to_have_attribute("lang", "de")
        await page.keyboard.press("Tab")  # the focus went where the button was
        await expect(page.get_by_role("button", name="Anhalten")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Weiter")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("eye-session [part=end]")).to_be_visible()
        assert await violations(page) == []


async def test_ids_come_from_the_globals_of_old_pages(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    with ExampleSite() as site:
        site.by_globals = True
        page = await _running(browser, site, serve(ALLOWED_ORIGINS=site.origin).url)
        await page.get_by_role("button", name="Stop").click()
        row = await the_only_row(php_site, 5.0)
        assert row.exact["end_reason"] == "client_bye"


async def test_a_no_leads_back_to_the_question_and_not_to_the_camera(
    browser: Browser, serve: Serve
) -> None:
    with ExampleSite() as site:
        site.service = serve(ALLOWED_ORIGINS=site.origin, RETENTION_DAYS="30").url
        page = await (await browser.new_context(locale="en-GB")).new_page()
        await page.goto(site.origin)
        element = page.locator("eye-session")
        await expect(element.locator("[part=deleted]")).to_contain_text("Deleted after 30 days.")
        await element.get_by_role("button", name="Go on without a camera").click()
        await expect(element.locator("[part=ending]")).to_contain_text("Go on with your lesson")
        await expect(element.get_by_role("button")).to_have_count(1)
        await element.get_by_role("button", name="Back").click()
        await expect(element.locator("[part~=intro-start]")).to_be_visible()
        assert await element.evaluate("(element) => element.session") is None


async def _running(browser: Browser, site: ExampleSite, service: str) -> Page:
    """The page with a session that was begun by the keyboard."""
    site.service = service
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await page.goto(site.origin)
    await page.locator("eye-session [part~=intro-start]").focus()
    await page.keyboard.press("Enter")
    dot = page.locator("eye-session [part=dot]")
    await expect(dot).to_have_attribute("data-account", "focused", timeout=20_000)
    return page
