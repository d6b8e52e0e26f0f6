"""What the documents say of the code is so: paths, rooms and floors."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
PATH = re.compile(r"`((?:rtc_server|signaling|web|php|tests|deploy)/[\w./-]+)`")


def rooms(package: str) -> set[str]:
    return {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}


def test_the_table_of_floors_is_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (floors,) = [each for each in contracts["contracts"] if each["id"] == "floors"]
    held = [set(layer.split(" | ")) for layer in floors["layers"]]
    table = re.findall(r"^\| \d \| (.+) \|$", ARCHITECTURE, re.MULTILINE)
    assert [set(re.findall(r"`(\w+)`", row)) for row in table] == held
    assert set.union(*held) == rooms("rtc_server")


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md", "docs/debugging.md"])
def test_every_path_that_is_named_exists(name: str) -> None:
    named = set(PATH.findall((ROOT / name).read_text()))
    assert named
    assert not {path for path in named if not (ROOT / path).exists()}


def test_every_room_of_the_server_is_named_in_the_picture() -> None:
    picture = ARCHITECTURE.partition("```mermaid")[2].partition("```")[0]
    shown = set(re.findall(r"rtc_server/(\w+)", picture))
    assert shown == rooms("rtc_server") - {"analysis", "base"}
