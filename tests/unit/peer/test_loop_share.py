"""A peer has its share of the loop, earns it anew, and is let go where one call takes too long."""

import gc

import pytest

from rtc_server.peer.loop_share import (
    BURST,
    DATAGRAMS,
    LONGEST_CALL,
    LOOP_HELD,
    LOOP_SHARE,
    SHARE,
    TOO_MANY,
    LoopShare,
    loop_cpu,
)
from tests.fakes.clock import HandClock


class Calls:
    """A share whose calls take as long as the test says."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.refused: list[str] = []
        self.held: list[float] = []
        self.spent = 0.0
        self.share = LoopShare(self.clock, self.refused.append, self.held.append, self.cpu)

    def cpu(self) -> float:
        return self.spent

    def take(self, seconds: float) -> bool:
        if not self.share.admits(100):
            return False
        began = self.share.begin()
        self.spent += seconds
        self.share.end(began)
        return True


@pytest.fixture
def calls() -> Calls:
    return Calls()


def test_an_honest_peer_is_always_listened_to(calls: Calls) -> None:
    for _ in range(3000):
        assert calls.take(0.0005)
        calls.clock.seconds += 0.01
    assert calls.refused == []
    assert calls.share.datagrams == 3000
    assert calls.share.received_bytes == 300_000
    assert calls.share.seconds == pytest.approx(1.5)


def test_a_greedy_peer_gets_no_more_than_its_share(calls: Calls) -> None:
    for _ in range(60_000):
        calls.take(0.01)
        calls.clock.seconds += 0.001
    assert calls.share.seconds == pytest.approx(60 * SHARE + BURST, rel=0.02)
    assert set(calls.refused) == {LOOP_SHARE}


def test_datagrams_of_no_cost_are_bounded_too(calls: Calls) -> None:
    taken = 0
    for _ in range(100_000):
        taken += calls.take(0.0)
        calls.clock.seconds += 0.0001
    assert taken == pytest.approx(11 * DATAGRAMS, rel=0.01)
    assert set(calls.refused) == {TOO_MANY}


def test_a_peer_that_holds_the_loop_is_let_go_once_and_for_all(calls: Calls) -> None:
    assert calls.take(LONGEST_CALL)
    assert calls.take(LONGEST_CALL + 0.01)
    calls.clock.seconds += 60.0
    assert not calls.take(0.0)
    assert calls.refused == [LOOP_HELD]
    assert calls.held == [pytest.approx(LONGEST_CALL + 0.01)]


def test_the_garbage_of_all_is_nobodys_time() -> None:
    rings: list[list[object]] = [[] for _ in range(200_000)]
    for ring in rings:
        ring.append(ring)
    before = loop_cpu()
    gc.collect()
    rings.clear()
    assert loop_cpu() - before < LONGEST_CALL
