"""``rtc-server check`` against what it checks: a real coturn, PHP and MariaDB."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.coturn import SECRET as TURN_SECRET
from tests.servers.coturn import Coturn
from tests.servers.fixtures import mariadb, php_site
from tests.servers.php import PhpSite

__all__ = ["mariadb", "php_site"]

pytestmark = pytest.mark.needs("coturn", "mariadb", "php")

ROOT = Path(__file__).parents[2]
SAVE_SECRET = "a secret of the site"


@pytest.fixture(scope="module")
def coturn() -> Iterator[Coturn]:
    with Coturn() as server:
        yield server


@pytest.fixture
def settings(coturn: Coturn, php_site: PhpSite, tmp_path: Path) -> dict[str, str]:
    """Everything as it should be."""
    php_site.configure(TRACKING_SAVE_SECRET=SAVE_SECRET)
    return {
        "WEB_ROOT": str(ROOT / "web" / "dist"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/sessions.db",
        "TURN_URLS": f"turn:{coturn.address}:{coturn.port}",
        "TURN_SECRET": TURN_SECRET,
        "TRACKING_SAVE_URL": php_site.url,
        "TRACKING_SAVE_SECRET": SAVE_SECRET,
    }


def check(settings: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Exit code, verdict by name, and all that was printed."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "rtc-server", "check", "--json"],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    verdicts = {each["name"]: each["verdict"] for each in told["findings"]}
    return done.returncode, verdicts, done.stdout + done.stderr


def test_all_is_well_and_nothing_was_stored(settings: dict[str, str], php_site: PhpSite) -> None:
    code, verdicts, printed = check(settings)
    assert set(verdicts.values()) == {"ok"}, printed
    assert code == 0
    assert php_site.rows() == []
    assert "\n" not in printed.strip()


@pytest.mark.parametrize(
    ("name", "part"), [("TURN_SECRET", "turn"), ("TRACKING_SAVE_SECRET", "endpoint")]
)
def test_a_secret_of_another_is_found_out(settings: dict[str, str], name: str, part: str) -> None:
    code, verdicts, printed = check({**settings, name: "of another"})
    assert code == 1
    assert [each for each, verdict in verdicts.items() if verdict == "failed"] == [part]
    assert "of another" not in printed
