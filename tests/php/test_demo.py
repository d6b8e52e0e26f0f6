"""The demo's site of ``deploy/demo``: a lesson with the element, a teacher's link, the records."""

import json
import re
import shutil
import urllib.request
from http.cookiejar import CookieJar

import jwt
import pytest

from tests.servers.php import PHP, ROOT, TABLE, PhpSite
from tests.servers.process import give_away

pytestmark = pytest.mark.needs("php", "mariadb")

SECRET = "s" * 64
SERVICE = "https://eyes.example.org"


def claims(token: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(token, SECRET, ["HS256"], audience=SERVICE)
    return found


def test_a_visitor_gets_the_lesson_its_token_and_the_records(php_site: PhpSite) -> None:
    php_site.configure(
        EYE_SERVICE_URL=SERVICE,
        EYE_TOKEN_URL="/demo/php/snippet.php",
        SESSION_TOKEN_SECRET=SECRET,
        TRACKING_DB_PASSWORD="",
    )
    shutil.copytree(PHP, php_site.folder / "php")
    give_away(php_site.folder / "php")
    php_site.query(
        f"INSERT INTO {TABLE} (user_id, module_id, total_time_seconds, focused_time_seconds) "
        "VALUES (7, 3, 5123, 4711)"
    )
    address = php_site.write("lesson.php", (ROOT / "deploy/demo/index.php").read_text())
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    page = visitor.open(address).read().decode()
    (token_url,) = re.findall(r'token-url="([^"]+)"', page)
    (staff,) = re.findall(rf'href="{SERVICE}/dashboard#token=([\w.-]+)"', page)
    answer = visitor.open(php_site.endpoint("php/snippet.php?module_id=3&section_id=2"))
    student = claims(json.load(answer)["token"])

    assert token_url == "/demo/php/snippet.php?module_id=3&amp;section_id=2"
    assert claims(staff)["role"] == "staff"
    assert (student["sub"], student["module_id"], student["section_id"]) == ("7", "3", "2")
    assert "<td>5123</td><td>4711</td>" in page
