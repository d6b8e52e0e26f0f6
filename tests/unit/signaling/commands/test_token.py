"""``rtc-server token`` mints what the service reads."""

import pytest
from typer.testing import CliRunner

from rtc_server.base.clock import SystemClock
from signaling.access.tokens import Grant, TokenConfig, TokenReader
from signaling.cli import app
from tests.fakes.site import AUDIENCE, SECRET, TOKEN_SETTINGS


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["token", *arguments], env=environment)
    return result.exit_code, result.output.strip()


def minted(*arguments: str) -> Grant:
    status, text = run(*arguments, **TOKEN_SETTINGS)
    assert status == 0
    return TokenReader(TokenConfig("HS256", SECRET, AUDIENCE), SystemClock()).read(text)


def test_a_student_s_token_names_the_lesson() -> None:
    grant = minted("--user", "7", "--module", "3", "--section", "2")
    assert (grant.user_id, grant.module_id, grant.section_id) == ("7", "3", "2")
    assert not grant.is_staff


def test_a_staff_token_may_be_for_one_module() -> None:
    assert minted("--staff").module_ids is None
    assert minted("--staff", "--module", "3").module_ids == frozenset({"3"})


@pytest.mark.parametrize("arguments", [["--user", "ada", "--module", "3"], ["--user", "7"]])
def test_a_token_that_would_be_refused_is_not_minted(arguments: list[str]) -> None:
    status, _ = run(*arguments, **TOKEN_SETTINGS)
    assert status == 2


def test_without_a_secret_there_is_nothing_to_sign_with() -> None:
    status, text = run("--user", "7", "--module", "3", SESSION_TOKEN_SECRET="")
    assert status == 2
    assert "SESSION_TOKEN_SECRET" in text
