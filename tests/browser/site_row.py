"""A row of the site's table, checked by what must hold for every one."""

import json
import math
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.eventually import eventually
from tests.servers.mariadb import Row
from tests.servers.php import PhpSite

STUDENT = {"user_id": "7", "module_id": "3", "section_id": "2"}
EXACT = {"focused_time", "unfocused_time", "unknown_time", "total_time", "elapsed"}


@dataclass(frozen=True)
class SiteRow:
    """The one row of a session and when it was there."""

    row: Row
    seen_at: float
    """``time.monotonic()``"""

    @property
    def exact(self) -> dict[str, Any]:
        """``session_data``: the seconds as they were measured."""
        data: dict[str, Any] = json.loads(self.row["session_data"] or "")
        return data

    @property
    def accounted(self) -> float:
        """Seconds of which the row says what they were."""
        exact = self.exact
        accounted: float = exact["focused_time"] + exact["unfocused_time"] + exact["unknown_time"]
        return accounted

    def column(self, name: str) -> int:
        return int(self.row[name] or "")


async def the_only_row(site: PhpSite, seconds: float) -> SiteRow:
    """Wait for a row; it is the student's, and its numbers agree with each other."""
    await eventually(site.rows, seconds, "a row in the site's table")
    seen_at = time.monotonic()
    rows = site.rows()
    assert len(rows) == 1
    row = SiteRow(rows[0], seen_at)
    assert {name: row.row[name] for name in STUDENT} == STUDENT
    _adds_up(row)
    return row


def _adds_up(row: SiteRow) -> None:
    exact = row.exact
    focused, unfocused = row.column("focused_time_seconds"), row.column("unfocused_time_seconds")
    assert focused == math.floor(exact["focused_time"] + 0.5)
    assert unfocused == math.floor(exact["unfocused_time"] + 0.5)
    assert row.column("total_time_seconds") == focused + unfocused
    assert exact["total_time"] == pytest.approx(
        exact["focused_time"] + exact["unfocused_time"], abs=0.002
    )
    assert row.accounted == pytest.approx(exact["elapsed"], abs=0.003)
