"""What a line of the log says besides its text."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from rtc_server.log import about_session, configure_logging


@pytest.fixture
def error_stream(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    root = logging.getLogger()
    before = root.handlers, root.level
    configure_logging("INFO")
    yield capsys
    root.handlers, root.level = before


def lines(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_what_a_session_and_its_tasks_log_has_its_id(
    error_stream: pytest.CaptureFixture[str],
) -> None:
    log = logging.getLogger("somewhere")

    async def later() -> None:
        log.info("in a task")

    with about_session("one"):
        log.info("inside, %d", 1)
        task = asyncio.create_task(later())
    await task
    log.info("outside")
    told = lines(error_stream.readouterr().err)
    assert [(line["event"], line.get("session_id")) for line in told] == [
        ("inside, 1", "one"),
        ("in a task", "one"),
        ("outside", None),
    ]
