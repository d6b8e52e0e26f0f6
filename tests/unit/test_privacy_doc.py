"""What the privacy page says is held by a test is held by one that exists."""

import re
from pathlib import Path

from signaling.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "privacy.md").read_text()


def test_the_tests_that_it_names_exist() -> None:
    named = set(re.findall(r"tests/[\w/]+\.py", PAGE))
    assert len(named) > 5
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def test_the_settings_that_it_names_exist() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=\d+)?`", PAGE))
    assert {"REQUIRE_CONSENT", "RETENTION_DAYS"} <= named
    assert {name for name in named if name.lower() not in Settings.model_fields} == set()
