"""What a line of the log says besides its text."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from rtc_server.base.log import about_session, configure_logging


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process's log writes, as where nobody looks at a terminal."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers, root.level
    monkeypatch.setattr("sys.stderr", stream)
    configure_logging("INFO")
    yield stream
    root.handlers = before[0]
    root.setLevel(before[1])


async def test_what_a_session_and_its_tasks_log_has_its_id(written: io.StringIO) -> None:
    log = logging.getLogger("somewhere")

    async def later() -> None:
        log.info("in a task")

    with about_session("one"):
        log.info("inside, %d", 1)
        task = asyncio.create_task(later())
    await task
    log.info("outside")
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line.get("session_id")) for line in told] == [
        ("inside, 1", "one"),
        ("in a task", "one"),
        ("outside", None),
    ]
