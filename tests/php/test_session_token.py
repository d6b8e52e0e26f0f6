"""The token that the site mints, read by the library that the service reads it with."""

import time

import httpx
import jwt
import pytest

from rtc_server.base.clock import SystemClock
from signaling.access.tokens import TokenConfig, TokenReader
from tests.servers.php import PhpSite

pytestmark = pytest.mark.needs("php", "mariadb")

SECRET = "a secret of thirty-two characters"


def minted(site: PhpSite, arguments: str) -> str:
    source = f"<?php require 'session_token.php'; echo session_token('{SECRET}', {arguments});"
    return httpx.get(site.write("mint.php", source), trust_env=False).text


def claims(token: str) -> dict[str, object]:
    decoded: dict[str, object] = jwt.decode(
        token, SECRET, algorithms=["HS256"], audience="https://eyes.example"
    )
    return decoded


def test_a_token_says_who_and_what_for(php_site: PhpSite) -> None:
    found = claims(minted(php_site, "17, 3, 5, 'https://eyes.example'"))
    assert (found["sub"], found["module_id"], found["section_id"]) == ("17", "3", "5")
    assert isinstance(found["exp"], int)
    assert 0 < found["exp"] - time.time() <= 300


def test_a_token_lasts_five_minutes_at_most(php_site: PhpSite) -> None:
    found = claims(minted(php_site, "17, 3, null, 'https://eyes.example', 86400"))
    assert isinstance(found["exp"], int)
    assert found["exp"] - time.time() <= 300
    assert found["section_id"] is None


def test_no_two_tokens_are_the_same(php_site: PhpSite) -> None:
    tokens = {minted(php_site, "17, 3, 5, 'https://eyes.example'") for _ in range(3)}
    assert len({claims(token)["jti"] for token in tokens}) == 3


def test_a_token_may_carry_the_role_of_staff(php_site: PhpSite) -> None:
    more = "claims: ['role' => 'staff', 'module_ids' => ['3']]"
    found = claims(minted(php_site, f"1, 3, null, 'https://eyes.example', {more}"))
    assert (found["role"], found["module_ids"]) == ("staff", ["3"])
    assert found["sub"] == "1"


def test_a_teachers_token_is_for_these_modules_and_a_working_day(php_site: PhpSite) -> None:
    call = f"staff_token('{SECRET}', 1, [3, '4'], 'https://eyes.example', 999999)"
    source = f"<?php require 'session_token.php'; echo {call};"
    token = httpx.get(php_site.write("mint.php", source), trust_env=False).text
    config = TokenConfig("HS256", SECRET, "https://eyes.example")
    grant = TokenReader(config, SystemClock()).read(token)
    assert (grant.is_staff, grant.module_ids) == (True, frozenset({"3", "4"}))
    assert 11 * 3600 < grant.expires_at - time.time() <= 12 * 3600


def test_another_secret_is_another_token(php_site: PhpSite) -> None:
    token = minted(php_site, "17, 3, 5, 'https://eyes.example'")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, "x" * 32, algorithms=["HS256"], audience="https://eyes.example")
