"""The circuit breaker: opens for a host that is unwell, never for one that refuses."""

import pytest

from rtc_server.delivery.breaker import Breaker
from rtc_server.delivery.outcome import (
    Accepted,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Unanswered,
)


def _after(*outcomes: Outcome, now: float = 0.0) -> Breaker:
    breaker = Breaker(threshold=3, first=2.0, longest=10.0)
    for outcome in outcomes:
        breaker.record(outcome, now)
    return breaker


@pytest.mark.parametrize("outcome", [NotSent("x"), Unanswered("x"), Rejected(502, "x")])
def test_failures_in_a_row_open_it(outcome: Outcome) -> None:
    assert _after(outcome, outcome).wait(0.0) == 0.0
    breaker = _after(outcome, outcome, outcome)
    assert breaker.trying
    assert breaker.wait(0.5) == 1.5
    assert breaker.wait(2.0) == 0.0


@pytest.mark.parametrize("outcome", [Refused("success: false"), Rejected(400, "x"), Accepted()])
def test_an_endpoint_that_answers_closes_it(outcome: Outcome) -> None:
    assert _after(*[outcome] * 9).wait(0.0) == 0.0
    breaker = _after(NotSent("x"), NotSent("x"), outcome, NotSent("x"), NotSent("x"))
    assert not breaker.trying


def test_each_further_failure_doubles_the_wait_up_to_the_longest() -> None:
    breaker = _after(*[NotSent("x")] * 3)
    waits = []
    for _ in range(4):
        waits.append(breaker.wait(0.0))
        breaker.record(NotSent("x"), 0.0)
    assert waits == [2.0, 4.0, 8.0, 10.0]


def test_one_success_closes_it() -> None:
    breaker = _after(*[NotSent("x")] * 5)
    breaker.record(Accepted(), 0.0)
    assert not breaker.trying
    assert breaker.wait(0.0) == 0.0
