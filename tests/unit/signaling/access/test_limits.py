"""How many sessions and offers one client gets."""

from uuid import uuid4

import pytest

from rtc_server.base.errors import Overloaded
from rtc_server.base.identity import Identity
from signaling.access.limits import MAX_ADDRESSES, OfferRate, Refusals, SessionQuota
from signaling.http.errors import LimitReached, Unauthorized
from tests.fakes.clock import HandClock


def student(user_id: str = "7", module_id: str = "3") -> Identity:
    return Identity(str(uuid4()), user_id, module_id, None)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def quota(clock: HandClock) -> SessionQuota:
    return SessionQuota(clock, per_user=2, per_address=3, longest_session=7200)


def test_a_student_has_so_many_lessons_at_once(quota: SessionQuota) -> None:
    first = student(module_id="1")
    quota.enter(first, "a")
    quota.enter(student(module_id="2"), "b")
    with pytest.raises(LimitReached) as caught:
        quota.enter(student(module_id="3"), "c")
    assert caught.value.code == "too_many_sessions_of_user"
    quota.leave(first.session_id)
    quota.enter(student(module_id="3"), "c")


def test_another_tab_of_the_same_lesson_is_none_more(quota: SessionQuota) -> None:
    for _ in range(5):
        quota.enter(student(), "a")
    quota.enter(student(module_id="4"), "a")
    with pytest.raises(LimitReached):
        quota.enter(student(module_id="5"), "a")


def test_an_address_has_so_many_sessions(quota: SessionQuota) -> None:
    for user in "123":
        quota.enter(student(user), "a")
    with pytest.raises(LimitReached) as caught:
        quota.enter(student("4"), "a")
    assert caught.value.code == "too_many_sessions_from_address"
    quota.enter(student("4"), "b")


def test_a_session_that_ended_elsewhere_does_not_count_for_ever(
    quota: SessionQuota, clock: HandClock
) -> None:
    for user in "123":
        quota.enter(student(user), "a")
    clock.seconds += 7201
    for user in "456":
        quota.enter(student(user), "a")
    with pytest.raises(LimitReached):
        quota.enter(student("7"), "a")


def test_a_class_may_start_with_the_bell_and_then_waits(clock: HandClock) -> None:
    offers = OfferRate(clock, per_minute=30)
    for _ in range(30):
        offers.take("a")
    with pytest.raises(LimitReached) as caught:
        offers.take("a")
    assert (caught.value.code, caught.value.retry_after) == ("too_many_offers", 2.0)
    offers.take("b")
    clock.seconds += 2
    offers.take("a")


def test_only_so_many_addresses_are_remembered(clock: HandClock) -> None:
    offers = OfferRate(clock, per_minute=1)
    for number in range(MAX_ADDRESSES + 1):
        offers.take(str(number))
    offers.take("0")  # forgotten
    with pytest.raises(LimitReached):
        offers.take(str(MAX_ADDRESSES))


def test_refusals_are_counted_by_their_code() -> None:
    refusals = Refusals()
    for error in (Overloaded(), Unauthorized(), Overloaded()):
        refusals.count(error)
    assert refusals.counts() == {"overloaded": 2, "token_missing": 1}
