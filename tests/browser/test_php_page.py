"""A lesson on a PHP site of another origin, with a token that PHP minted, to the row in MariaDB."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Serve
from tests.browser.site_row import STUDENT, the_only_row
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]

SECRET = "a secret of thirty-two characters"
AUDIENCE = "https://eyes.example"
SIGN_IN = f"<?php session_start(); $_SESSION['user_id'] = {STUDENT['user_id']}; echo 'hello';"


@pytest.fixture
async def lesson(browser: Browser, serve: Serve, php_site: PhpSite) -> Page:
    """The lesson, not signed in yet."""
    origin = php_site.endpoint("").rstrip("/").replace("127.0.0.1", "localhost")
    service = serve(
        ALLOWED_ORIGINS=origin, SESSION_TOKEN_SECRET=SECRET, SESSION_TOKEN_AUDIENCE=AUDIENCE
    )
    php_site.configure(
        EYE_SERVICE_URL=service.url, EYE_TOKEN_AUDIENCE=AUDIENCE, SESSION_TOKEN_SECRET=SECRET
    )
    php_site.write("sign_in.php", SIGN_IN)
    context = await browser.new_context(locale="en-GB", base_url=f"{origin}/")
    return await context.new_page()


async def test_a_student_who_is_signed_in_is_measured(lesson: Page, php_site: PhpSite) -> None:
    await lesson.goto("sign_in.php")
    await lesson.goto("example_lesson.php")
    await lesson.get_by_role("button", name="I agree").click()
    dot = lesson.locator("eye-session [part=dot]")
    await expect(dot).to_have_attribute("data-account", "focused", timeout=20_000)
    await lesson.get_by_role("button", name="Stop").click()
    await expect(lesson.locator("eye-session [part=ending]")).to_contain_text(
        "You faced the screen"
    )
    row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"


async def test_nobody_who_is_not_signed_in_gets_a_token(lesson: Page, php_site: PhpSite) -> None:
    await lesson.goto("example_lesson.php")
    await lesson.get_by_role("button", name="I agree").click()
    problem = lesson.locator("eye-session [part=problem]")
    await expect(problem).to_have_text("Your sign-in has expired", timeout=40_000)
    assert php_site.rows() == []
