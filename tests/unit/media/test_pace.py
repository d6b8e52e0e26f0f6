import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.media.pace import Due, Pace


def taken(times: list[float], max_fps: float = 10.0) -> list[float]:
    pace = Pace(max_fps)
    return [time for time in times if pace.take(time)]


def steady(fps: float, seconds: float, jitter: float = 0.0, seed: int = 1) -> list[float]:
    draw = random.Random(seed)
    return [i / fps + draw.uniform(0, jitter) for i in range(round(fps * seconds))]


@pytest.mark.parametrize("fps", [60, 50, 30, 29.97, 25, 24, 20, 15, 12, 11])
@pytest.mark.parametrize("jitter", [0.0, 0.008])
def test_ten_a_second_come_from_a_faster_source(fps: float, jitter: float) -> None:
    seconds = 60
    assert len(taken(steady(fps, seconds, jitter))) / seconds == pytest.approx(10.0, abs=0.05)


@pytest.mark.parametrize("fps", [60, 30, 29.97, 25, 24, 15])
def test_the_rate_holds_in_every_second(fps: float) -> None:
    times = taken(steady(fps, 30))
    for second in range(29):
        assert 9 <= sum(second <= time < second + 1 for time in times) <= 11


@pytest.mark.parametrize("fps", [9.9, 10.0, 10.1, 10.3])
@pytest.mark.parametrize("jitter", [0.0, 0.02, 0.04])
def test_every_frame_of_a_source_at_the_wanted_rate_passes(fps: float, jitter: float) -> None:
    times = steady(fps, 120, jitter)
    assert taken(times) == times


@pytest.mark.parametrize("fps", [1, 5, 6.5, 9])
def test_every_frame_of_a_slow_source_passes(fps: float) -> None:
    times = steady(fps, 60, 0.03)
    assert taken(times) == times


def test_the_nearest_frame_is_taken() -> None:
    for time in taken(steady(25, 20)):
        assert abs(time - round(time, 1)) <= 0.0201


def test_a_pause_brings_no_burst_after_it() -> None:
    times = steady(30, 10) + [20 + time for time in steady(30, 10)]
    after = [time for time in taken(times) if 20 <= time < 21]
    assert len(after) in {10, 11}


def test_a_publisher_that_slows_down_to_the_wanted_rate_loses_next_to_nothing() -> None:
    slow = [10 + time for time in steady(10, 20, 0.02)]
    passed = [time for time in taken(steady(30, 10) + slow) if time >= 10]
    assert len(slow) - len(passed) <= 2


def test_a_publisher_that_speeds_up_is_held_to_the_rate() -> None:
    passed = [t for t in taken(steady(10, 10) + [10 + t for t in steady(30, 10)]) if t >= 10]
    assert len(passed) <= 103


def test_a_lower_rate_takes_hold_while_running() -> None:
    pace = Pace(10)
    first = [time for time in steady(30, 10) if pace.take(time)]
    pace.max_fps = 5
    second = [time for time in steady(30, 10) if pace.take(10 + time)]
    assert len(first) == pytest.approx(100, abs=1)
    assert len(second) == pytest.approx(50, abs=1)
    assert pace.max_fps == pytest.approx(5)


def test_a_higher_rate_takes_hold_at_once() -> None:
    pace = Pace(0.5)
    assert pace.take(0.0)
    assert not pace.take(0.05)
    pace.max_fps = 10
    assert pace.take(0.1)


def test_the_rate_of_the_source_is_known() -> None:
    pace = Pace(10)
    assert pace.source_fps is None
    for time in steady(29.97, 3):
        pace.take(time)
    assert pace.source_fps == pytest.approx(29.97)


@given(st.lists(st.floats(0.0, 0.5), min_size=20, max_size=200))
def test_no_source_gets_more_than_the_rate_and_a_small_burst(steps: list[float]) -> None:
    times = list(itertools.accumulate(steps))
    passed = taken(times)
    assert len(passed) <= (times[-1] - times[0]) * 10 / 0.94 + 12
    assert passed[0] == times[0]


def test_what_was_never_put_has_come() -> None:
    assert Due().has_come(0.0)
    assert Due().has_come(-5.0)


def test_it_comes_when_the_wait_is_over() -> None:
    due = Due()
    due.put(10.0, 2.0)
    assert [due.has_come(time) for time in (10.0, 11.9, 12.0, 20.0)] == [False, False, True, True]


def test_it_has_come_when_the_clock_went_back() -> None:
    due = Due()
    due.put(10.0, 2.0)
    assert due.has_come(9.9)
