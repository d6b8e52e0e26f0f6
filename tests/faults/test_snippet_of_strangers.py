"""``snippet.php`` where sites really keep such files: shared, and linked into each of them."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.site import SECRET
from tests.servers.php import PHP
from tests.servers.ports import lease
from tests.servers.process import ServerProcess, give_away, private_folder

pytestmark = [pytest.mark.needs("php"), pytest.mark.timeout(60)]

CONFIG = f"""<?php
return ['EYE_SERVICE_URL' => 'https://e.example', 'SESSION_TOKEN_SECRET' => '{SECRET}'];
"""
SIGN_IN = "<?php session_start(); $_SESSION['user_id'] = 7;"
LESSON = "<?php $module_id = 3; $section_id = 2; require '{path}';"


@pytest.fixture
def folder() -> Iterator[Path]:
    """``shared`` has the files of ``php/``, ``site`` is what the web server shows."""
    made = private_folder("linked-")
    (made / "shared").mkdir()
    for name in ("snippet.php", "session_token.php"):
        shutil.copy(PHP / name, made / "shared")
    (made / "site" / "lessons").mkdir(parents=True)
    (made / "site" / "sign_in.php").write_text(SIGN_IN)
    yield made
    shutil.rmtree(made)


def link_the_folder(folder: Path) -> str:
    (folder / "site" / "eye").symlink_to(folder / "shared")
    (folder / "shared" / "eye_config.php").write_text(CONFIG)
    return "../eye/snippet.php"


def link_the_file(folder: Path) -> str:
    (folder / "site" / "snippet.php").symlink_to(folder / "shared" / "snippet.php")
    (folder / "site" / "eye_config.php").write_text(CONFIG)  # each site has its own
    return "../snippet.php"


def link_the_site(folder: Path) -> str:
    (folder / "site" / "lessons").rename(folder / "shared" / "lessons")
    (folder / "shared" / "sign_in.php").write_text(SIGN_IN)
    shutil.rmtree(folder / "site")
    (folder / "site").symlink_to(folder / "shared")
    (folder / "shared" / "eye_config.php").write_text(CONFIG)
    return "../snippet.php"


def write_lesson(folder: Path, snippet: str) -> None:
    (folder / "site" / "lessons" / "page.php").write_text(LESSON.format(path=snippet))
    for made in folder.rglob("*"):
        give_away(made)


@pytest.mark.parametrize("link", [link_the_folder, link_the_file, link_the_site])
async def test_a_snippet_behind_a_symbolic_link_names_and_answers_its_own_address(
    folder: Path, link: object
) -> None:
    assert callable(link)
    write_lesson(folder, link(folder))
    port = lease()
    command = ["php", "-S", f"127.0.0.1:{port}", "-t", str(folder / "site")]
    server = ServerProcess(command, ready="started", cwd=folder)
    server.start()
    try:
        jar = aiohttp.CookieJar(unsafe=True)  # of an address
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=jar) as http:
            async with http.get("/lessons/page.php") as response:
                page = await response.text()
            found = re.search(r'token-url="([^"]+)"', page)
            assert found is not None, page
            address = found[1].replace("&amp;", "&")
            async with http.get(address) as response:
                assert response.status == 401
            async with http.get("/sign_in.php"):
                pass
            async with http.get(address) as response:
                assert json.loads(await response.text())["token"].count(".") == 2
    finally:
        server.stop()
