"""A student's browser where a token of the site is needed."""

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import StudentPage
from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson
from tests.browser.screenshots import keep
from tests.browser.site_row import STUDENT, the_only_row
from tests.fakes.site import AUDIENCE, SECRET, TOKEN_SETTINGS, expired_token
from tests.servers.php import PhpSite

pytestmark = [
    pytest.mark.needs("chromium", "mariadb", "php"),
    pytest.mark.timeout(120),
    pytest.mark.blocks("the service and the site are processes, which are waited for"),
]

FIRST_TOO_OLD = f"""<?php
require 'session_token.php';
$asked = is_file('asked');
touch('asked');
$old = $asked ? [] : ['iat' => time() - 700, 'exp' => time() - 400];
echo json_encode(['token' => session_token('{SECRET}', 7, 3, 2, '{AUDIENCE}', claims: $old)]);
"""
LESSON = """<!doctype html><html lang="en"><title>Lesson</title>
<script src="{service}/lib/eye-session.iife.js" defer></script>
<main><eye-session service-url="{service}" token-url="token.php"></eye-session></main>"""


async def minted(site: PhpSite) -> str:
    """A token by the site's own PHP."""
    call = f"session_token('{SECRET}', 7, 3, 2, '{AUDIENCE}')"
    address = site.write("mint.php", f"<?php require 'session_token.php'; echo {call};")
    async with aiohttp.ClientSession() as http, http.get(address) as response:
        return await response.text()


async def test_a_page_with_a_token_needs_no_ids_and_one_without_starts_in_vain(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    service = serve(**TOKEN_SETTINGS)
    stranger = await StudentPage.open(browser, f"{service.url}/?user_id=7&module_id=3")
    async with stranger.page.expect_response(lambda answer: "/whip" in answer.url) as answering:
        await stranger.start()
    assert (await answering.value).status == 401
    await stranger.page.close()

    student = await StudentPage.open(browser, f"{service.url}/?token={await minted(php_site)}")
    await student.start()
    await student.streams(3.0)
    await student.page.goto("about:blank")  # its goodbye is a beacon, which carries no token
    row = await the_only_row(php_site, 3.0)
    assert {name: row.row[name] for name in STUDENT} == STUDENT
    assert row.exact["end_reason"] == "client_bye"


async def test_an_expired_token_says_to_reload_the_lesson(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    service = serve(**TOKEN_SETTINGS)
    context = await browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-GB")
    lesson = Lesson(await context.new_page())
    await lesson.page.goto(f"{service.url}/?token={expired_token()}")
    await lesson.start()
    words = await lesson.is_told("token_expired")
    assert "Your sign-in has expired" in words
    assert "Reload the lesson's page" in words
    await keep(lesson.page, "token_expired")
    await expect(lesson.page.get_by_test_id("decline")).to_be_visible()
    assert php_site.rows() == []


async def test_a_page_that_can_fetch_tokens_replaces_an_expired_one_unseen(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    origin = php_site.endpoint("").rstrip("/").replace("127.0.0.1", "localhost")
    service = serve(ALLOWED_ORIGINS=origin, **TOKEN_SETTINGS)
    php_site.write("token.php", FIRST_TOO_OLD)
    php_site.write("lesson.html", LESSON.format(service=service.url))
    page = await (await browser.new_context(locale="en-GB")).new_page()
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 401 else None)
    await page.goto(f"{origin}/lesson.html")
    await page.get_by_role("button", name="I agree").click()
    dot = page.locator("eye-session [part=dot]")
    await expect(dot).to_have_attribute("data-account", "focused", timeout=20_000)
    await expect(page.locator("eye-session [part=problem]")).to_be_hidden()
    assert len(refused) == 1, refused
    await page.get_by_role("button", name="Stop").click()
    row = await the_only_row(php_site, 5.0)
    assert row.exact["end_reason"] == "client_bye"
