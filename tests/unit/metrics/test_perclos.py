"""The share of closed time, blinks left out."""

import json

import pytest

from rtc_server.metrics.perclos import Perclos

FRAME = 0.1


class Watch:
    """Feeds a :class:`Perclos` at ten frames a second."""

    def __init__(self) -> None:
        self.perclos = Perclos(window=60.0, min_closure=0.5, min_observed=15.0)
        self.now = 0.0

    def see(self, seconds: float, *, closed: bool) -> "Watch":
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
            self.perclos.add(self.now, FRAME, closed=closed)
        return self


def test_nothing_is_told_of_fifteen_seconds_or_less() -> None:
    watch = Watch().see(14.8, closed=False)
    assert watch.perclos.share is None
    assert watch.see(0.4, closed=False).perclos.share == 0


def test_blinks_do_not_count_and_closures_count_from_their_beginning() -> None:
    watch = Watch()
    for _ in range(10):
        watch.see(1.8, closed=False).see(0.3, closed=True)
    assert watch.perclos.share == 0
    watch.see(1, closed=False).see(2, closed=True)
    assert watch.perclos.share == pytest.approx(2 / 24, rel=0.01)


def test_the_window_forgets_and_the_session_does_not() -> None:
    watch = Watch().see(10, closed=True).see(80, closed=False)
    assert watch.perclos.share == pytest.approx(0.0, abs=1e-9)
    assert watch.perclos.session_share == pytest.approx(10 / 90, rel=0.01)
    assert watch.perclos.observed == pytest.approx(60, abs=1.5)


def test_a_closure_does_not_go_on_where_nothing_is_seen() -> None:
    watch = Watch().see(20, closed=False).see(0.3, closed=True)
    watch.perclos.interrupt()
    watch.see(0.3, closed=True)
    assert watch.perclos.share == 0


def test_a_checkpoint_in_mid_closure_changes_nothing() -> None:
    watch = Watch().see(20, closed=False).see(0.4, closed=True)
    again = Watch()
    again.now = watch.now
    again.perclos.restore(json.loads(json.dumps(watch.perclos.snapshot())))
    watch.see(1, closed=True)
    again.see(1, closed=True)
    assert again.perclos.share == pytest.approx(watch.perclos.share)
