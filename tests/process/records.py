"""What the site was posted."""

import asyncio
import json
from typing import Any

import pytest

from rtc_server.worker.overload import SHARES, Step
from tests.eventually import eventually
from tests.fakes.http_site import HttpSite

Record = dict[str, Any]
MAX_FPS = 10


async def the_only_record(site: HttpSite, seconds: float) -> Record:
    """Wait for a record, then a little for another that must not come."""
    await eventually(lambda: site.requests, seconds, "a record at the site")
    await asyncio.sleep(1.0)
    (request,) = site.requests
    record: Record = json.loads(request.body)
    adds_up(record)
    return record


def adds_up(record: Record) -> None:
    """Whole columns by themselves, and every second of the session accounted for."""
    assert record["total_time"] == record["focused_time"] + record["unfocused_time"]
    exact = record["session_data"]
    parts = exact["focused_time"] + exact["unfocused_time"] + exact["unknown_time"]
    assert parts == pytest.approx(exact["elapsed"], abs=0.003)
    assert record["session_type"] == "viewing"


def measured_throughout(record: Record, seconds: float) -> None:
    """Pictures of ``seconds`` were measured, at the fewest a second that a busy worker takes."""
    assert record["frames_processed"] >= 0.8 * seconds * MAX_FPS * SHARES[Step.FEWEST]
    assert record["session_data"]["total_time"] >= 0.8 * seconds, record["session_data"]
