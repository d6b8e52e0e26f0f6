"""A cause gets its burst, then a line a second that says how many were left out."""

import logging

import pytest

from rtc_server.base.log_throttle import BURST, CAUSES, THROTTLE, LogThrottle
from tests.fakes.clock import HandClock


class Log:
    """What is written of what is logged."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.throttle = LogThrottle(self.clock.monotonic)
        self.lines: list[str] = []

    def say(self, level: int, text: str, *args: object, **extra: object) -> None:
        record = logging.LogRecord("of.us", level, "", 0, text, args, None)
        record.__dict__.update(extra)
        if self.throttle.filter(record):
            self.lines.append(record.getMessage())


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_cause_that_goes_on_is_told_now_and_then(log: Log) -> None:
    for number in range(10_000):
        log.say(logging.ERROR, "no room for %s", number)
        log.clock.seconds += 0.001
    assert BURST <= len(log.lines) <= BURST + 11
    assert "more like it)" in log.lines[-1]


def test_other_causes_and_lines_of_the_day_are_told_meanwhile(log: Log) -> None:
    for number in range(1000):
        log.say(logging.ERROR, "no room for %s", number)
        log.say(logging.INFO, "session %s begins", number)
    log.say(logging.WARNING, "no peer")
    assert len(log.lines) == BURST + 1000 + 1


def test_a_line_of_the_day_may_say_that_it_is_one_of_many(log: Log) -> None:
    for number in range(1000):
        log.say(logging.INFO, "GET %s", number, **{THROTTLE: ("GET", 404)})
    assert len(log.lines) == BURST


def test_causes_are_bounded_too(log: Log) -> None:
    for number in range(10 * CAUSES):
        log.say(logging.ERROR, f"of its own {number}")
    assert len(log.throttle._causes) == CAUSES
