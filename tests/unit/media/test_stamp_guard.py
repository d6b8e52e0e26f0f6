from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.media.stamp_guard import LAG_SECONDS, LEAD_SECONDS, StampGuard


def places(stamps_and_arrivals: Sequence[tuple[float | None, float]]) -> list[float]:
    """Seconds after the first arrival."""
    guard, first = StampGuard(), stamps_and_arrivals[0][1]
    return [guard.place(stamp, arrival) - first for stamp, arrival in stamps_and_arrivals]


def test_the_first_frame_was_taken_when_it_arrived() -> None:
    assert StampGuard().place(4711.0, 100.0) == 100.0


def test_distances_are_the_streams_own_whatever_the_network_did() -> None:
    arrivals = [100.0, 100.13, 100.21, 100.21, 100.44]
    stamps = [4711 + 0.1 * i for i in range(5)]
    assert places(list(zip(stamps, arrivals, strict=True))) == pytest.approx(
        [0.0, 0.1, 0.2, 0.3, 0.4]
    )


@pytest.mark.parametrize("jump", [-1000.0, 1000.0, -47721.86, -0.5])
def test_a_jump_of_the_timestamps_counts_as_the_time_that_passed(jump: float) -> None:
    before = [(10 + i / 10, i / 10) for i in range(10)]
    after = [(11 + jump + i / 10, 1.0 + i / 10) for i in range(10)]
    times = places([*before, *after])
    assert times == pytest.approx([i / 10 for i in range(20)])


def test_a_real_pause_is_kept() -> None:
    assert places([(0.0, 0.0), (7.0, 7.0), (7.1, 7.1)]) == pytest.approx([0.0, 7.0, 7.1])


def test_frames_that_were_held_up_keep_their_distance() -> None:
    held = [(0.0, 0.0), (0.1, 2.0), (0.2, 2.0), (2.0, 2.0)]
    assert places(held) == pytest.approx([0.0, 0.1, 0.2, 2.0])


def test_a_stream_without_timestamps_runs_on_arrival() -> None:
    assert places([(None, 5.0), (None, 5.1), (None, 5.3)]) == pytest.approx([0.0, 0.1, 0.3])


def test_a_stamp_that_never_changes_runs_on_arrival() -> None:
    assert places([(1.0, 0.0), (1.0, 0.1), (1.0, 0.2)]) == pytest.approx([0.0, 0.1, 0.2])


@pytest.mark.parametrize("rate", [0.01, 0.1, 10.0, 100.0])
def test_a_clock_at_an_impossible_pace_stays_near_to_real_time(rate: float) -> None:
    for i, time in enumerate(places([(i / 30 * rate, i / 30) for i in range(900)])):
        assert i / 30 - LAG_SECONDS - 0.1 <= time <= i / 30 + LEAD_SECONDS + 0.1


def test_two_hours_of_a_slightly_wrong_clock_pass_untouched() -> None:
    stamps = [(i * 1.0001, float(i)) for i in range(7200)]
    assert places(stamps)[-1] == pytest.approx(stamps[-1][0])


@given(st.lists(st.tuples(st.one_of(st.none(), st.floats(-1e6, 1e6)), st.floats(0, 5)), min_size=1))
def test_the_clock_never_goes_back_and_never_runs_away(
    frames: list[tuple[float | None, float]],
) -> None:
    guard, arrival, last = StampGuard(), 0.0, 0.0
    for stamp, wait in frames:
        arrival += wait
        time = guard.place(stamp, arrival)
        assert time >= last
        last = time
        assert time <= arrival + LEAD_SECONDS * 1.1 + 0.001 * arrival
