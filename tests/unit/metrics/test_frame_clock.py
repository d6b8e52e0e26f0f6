"""Frames are placed inside elapsed time, whatever their own clock says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.metrics.frame_clock import FrameClock


@given(st.lists(st.tuples(st.floats(allow_nan=False, width=32), st.floats(0, 1e4)), max_size=50))
def test_places_never_fall_and_never_pass_the_arrival(frames: list[tuple[float, float]]) -> None:
    clock = FrameClock(slack=0.5)
    before, latest = 0.0, 0.0
    for media_time, elapsed in frames:
        latest = max(latest, elapsed)
        at = clock.place(media_time, elapsed)
        assert before <= at <= latest
        before = at


def test_jitter_of_the_network_is_taken_out() -> None:
    clock = FrameClock(slack=0.5)
    late = (0.0, 0.08, 0.02, 0.15, 0.0, 0.05)
    placed = [clock.place(i / 10, i / 10 + delay) for i, delay in enumerate(late)]
    assert placed == pytest.approx([i / 10 for i in range(6)], abs=0.003)


def test_a_clock_that_jumps_is_anchored_anew() -> None:
    clock = FrameClock(slack=0.5)
    clock.place(0.0, 0.0)
    assert clock.place(5000.0, 1.0) == 1.0
    assert clock.place(5000.1, 1.1) == pytest.approx(1.1)
    assert clock.place(0.0, 2.0) == 2.0


def test_a_slow_media_clock_is_followed() -> None:
    clock = FrameClock(slack=0.5)
    placed = [clock.place(0.999 * i / 10, i / 10) for i in range(6000)]
    assert placed[-1] == pytest.approx(599.9, abs=0.51)


def test_places_do_not_fall_after_a_restart() -> None:
    clock, again = FrameClock(slack=0.5), FrameClock(slack=0.5)
    clock.place(9.0, 9.0)
    again.restore(json.loads(json.dumps(clock.snapshot())))
    assert again.place(0.0, 8.0) == 9.0
