"""A student's browser where a token of the site is needed."""

import aiohttp
import pytest
from playwright.async_api import Browser

from tests.browser.chromium import StudentPage
from tests.browser.conftest import Serve
from tests.browser.site_row import STUDENT, the_only_row
from tests.fakes.site import AUDIENCE, SECRET, TOKEN_SETTINGS
from tests.servers.php import PhpSite

pytestmark = [
    pytest.mark.needs("chromium", "mariadb", "php"),
    pytest.mark.timeout(120),
    pytest.mark.blocks("the service and the site are processes, which are waited for"),
]


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
