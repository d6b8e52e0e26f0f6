"""Five answers make a configuration that the service and the PHP site can begin with."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from signaling.cli import app
from signaling.commands.init import quoted
from signaling.settings import load
from signaling.settings.env_file import read_env_file

ANSWERS = ["https://eyes.example.org", "https://learn.example.org", "", "turn.example.org", ""]


def init(folder: Path, *more: str, answers: list[str] = ANSWERS) -> tuple[int, str]:
    lines = "".join(f"{answer}\n" for answer in answers)
    done = CliRunner().invoke(app, ["init", "--folder", str(folder), *more], input=lines)
    return done.exit_code, done.output


def test_five_answers_make_what_service_and_site_need(tmp_path: Path) -> None:
    code, output = init(tmp_path)
    assert code == 0, output
    settings = load(read_env_file(tmp_path / ".env"))
    assert settings.auth_config().mode.value == "token"
    assert settings.tracking_save_url is not None
    assert settings.tracking_save_url.startswith("https://learn.example.org/")
    assert settings.turn_urls == ("turn:turn.example.org", "turn:turn.example.org?transport=tcp")
    tokens = settings.auth_config().tokens
    assert tokens is not None
    assert f"'{tokens.key}'" in (tmp_path / "for-the-site" / "eye_config.php").read_text()
    secret = settings.forward_config().secret or "none"
    assert f"'{secret}'" in (tmp_path / "for-the-site" / "tracking_config.php").read_text()
    assert secret not in output
    assert tokens.key not in output
    for path in (tmp_path / ".env", *(tmp_path / "for-the-site").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    init(tmp_path)
    before = (tmp_path / ".env").read_text()
    assert init(tmp_path)[0] == 1
    assert (tmp_path / ".env").read_text() == before
    assert init(tmp_path, "--force")[0] == 0
    assert (tmp_path / ".env").read_text() != before


@pytest.mark.parametrize(
    ("number", "wrong", "name"),
    [
        (0, "eyes.example.org", "PYTHON_SERVICE_URL"),
        (1, "https://*.example.org", "ALLOWED_ORIGINS"),
        (3, "turn://t.example.org", "TURN_URLS"),
        (4, "oracle://db", "DATABASE_URL"),
    ],
)
def test_an_answer_that_is_wrong_is_told_and_nothing_is_written(
    tmp_path: Path, number: int, wrong: str, name: str
) -> None:
    answers = [wrong if each == number else answer for each, answer in enumerate(ANSWERS)]
    code, output = init(tmp_path, answers=answers)
    assert code == 2
    assert name in output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "value",
    ["plain", "a$b", "a #b", "it's", "both ' and $ and \" and \\", "", "postgres://u:p@h/d"],
)
def test_what_is_written_is_read_as_it_was(tmp_path: Path, value: str) -> None:
    path = tmp_path / "env"
    path.write_text(f"NAME={quoted(value)}\n")
    assert read_env_file(path) == {"NAME": value}
