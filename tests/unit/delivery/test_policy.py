"""Retry policy: what follows from each outcome, and for how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.delivery.outcome import (
    Accepted,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Unanswered,
)
from rtc_server.delivery.policy import (
    HOUR,
    Attempt,
    Bury,
    Delivered,
    Hold,
    Retry,
    RetryPolicy,
)

FIRST = Attempt(number=1, age=0.0)
TRANSIENT: list[Outcome] = [
    NotSent("refused"),
    Unanswered("reset"),
    Refused("success: false"),
    *(Rejected(status, "later") for status in (408, 429, 500, 502, 503, 504, 599)),
]
EAGER = RetryPolicy(chance=lambda: 0.0)
PATIENT = RetryPolicy(chance=lambda: 1.0)


def test_what_was_accepted_is_delivered() -> None:
    assert RetryPolicy().after(Accepted(), FIRST) == Delivered()


@pytest.mark.parametrize("outcome", TRANSIENT)
def test_what_may_pass_is_retried_after_one_to_two_seconds(outcome: Outcome) -> None:
    for policy, delay in ((EAGER, 1.0), (PATIENT, 2.0)):
        decision = policy.after(outcome, FIRST)
        assert isinstance(decision, Retry)
        assert decision.delay == delay


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_wrong_with_the_record_itself_is_buried_at_once(status: int) -> None:
    assert RetryPolicy().after(Rejected(status, "no"), FIRST) == Bury("no")


@given(number=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_the_delay_grows_but_stays_within_a_second_and_a_quarter_of_an_hour(
    number: int, chance: float
) -> None:
    policy = RetryPolicy(chance=lambda: chance)
    assert 1.0 <= policy.delay(number) <= 900.0
    assert policy.delay(number) <= policy.delay(number + 1)


def test_the_tenth_delay_is_spread_over_the_whole_quarter_of_an_hour() -> None:
    assert (EAGER.delay(10), PATIENT.delay(10)) == (1.0, 900.0)


@pytest.mark.parametrize("outcome", [NotSent("x"), Rejected(500, "x")])
def test_patience_ends_after_72_hours(outcome: Outcome) -> None:
    assert isinstance(RetryPolicy().after(outcome, Attempt(99, age=72 * HOUR)), Retry)
    assert RetryPolicy().after(outcome, Attempt(99, age=72 * HOUR + 1)) == Bury("x")


def test_patience_with_refusals_ends_after_24_hours_of_refusing() -> None:
    refused = Refused("success: false")
    waiting = Attempt(99, age=40 * HOUR, refused_for=24 * HOUR)
    assert isinstance(RetryPolicy().after(refused, waiting), Retry)
    given_up = Attempt(99, age=40 * HOUR, refused_for=24 * HOUR + 1)
    assert RetryPolicy().after(refused, given_up) == Bury("success: false")


def test_only_a_refusal_starts_the_clock_of_refusals() -> None:
    for outcome in TRANSIENT:
        decision = EAGER.after(outcome, FIRST)
        assert isinstance(decision, Retry)
        assert decision.refused is isinstance(outcome, Refused)


def test_what_may_have_been_applied_is_never_buried_for_a_refusal() -> None:
    attempt = Attempt(99, age=40 * HOUR, refused_for=25 * HOUR, unanswered=True)
    assert RetryPolicy().after(Refused("x"), attempt) == Hold("x")


def test_retry_after_is_the_least_wait() -> None:
    asked = Rejected(429, "slow down", retry_after=120.0)
    for policy in (EAGER, PATIENT):
        decision = policy.after(asked, FIRST)
        assert isinstance(decision, Retry)
        assert 120.0 <= decision.delay <= 122.0


def test_an_absurd_retry_after_is_not_believed() -> None:
    decision = EAGER.after(Rejected(503, "x", retry_after=10.0**9), FIRST)
    assert isinstance(decision, Retry)
    assert decision.delay <= 24 * HOUR + 1


def test_nothing_is_asked_before_a_first_attempt() -> None:
    assert RetryPolicy().before(FIRST, repeatable=None) is None


def test_what_may_have_been_applied_is_sent_again_only_where_that_is_harmless() -> None:
    attempt = Attempt(2, age=5.0, unanswered=True)
    assert RetryPolicy().before(attempt, repeatable=True) is None
    assert isinstance(RetryPolicy().before(attempt, repeatable=False), Hold)
    unsure = RetryPolicy().before(attempt, repeatable=None)
    assert isinstance(unsure, Retry)
    assert unsure.unanswered


@pytest.mark.parametrize("outcome", [NotSent("x"), Unanswered("x"), Rejected(500, "x")])
def test_what_may_have_been_applied_is_never_buried_for_age(outcome: Outcome) -> None:
    attempt = Attempt(99, age=73 * HOUR, unanswered=True)
    assert isinstance(RetryPolicy().after(outcome, attempt), Hold)
    assert isinstance(RetryPolicy().before(attempt, repeatable=None), Hold)
