"""Sheds step by step, recovers step by step, and does not swing."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from rtc_server.worker.overload import SHARES, Limits, Overload, Step, Strain

CALM = Strain(0.0, 0.0)
BUSY = Strain(0.05, 0.05)
QUEUED = Strain(0.2, 0.0)
LATE = Strain(0.0, 0.2)


def steps(overload: Overload, strain: Strain, seconds: float, start: float = 0.0) -> list[Step]:
    """Each step that is taken while the strain lasts."""
    return list(_steps(overload, strain, seconds, start))


def _steps(overload: Overload, strain: Strain, seconds: float, start: float) -> Iterator[Step]:
    for half in range(round(2 * seconds)):
        if overload.see(start + half / 2, strain):
            yield overload.step


def test_a_queue_at_the_models_sheds_step_by_step_and_then_refuses() -> None:
    overload = Overload()
    assert steps(overload, QUEUED, 20) == [Step.FEWER, Step.FEWEST, Step.REFUSING]
    assert overload.refuses


def test_a_late_event_loop_counts_as_much() -> None:
    assert steps(Overload(), LATE, 3) == [Step.FEWER]


def test_a_short_burst_changes_nothing() -> None:
    overload = Overload()
    assert steps(overload, QUEUED, 1.5) == []
    assert steps(overload, BUSY, 60, start=1.5) == []


def test_it_recovers_by_itself_after_a_calm() -> None:
    overload = Overload()
    steps(overload, QUEUED, 20)
    assert steps(overload, CALM, 60, start=20) == [Step.FEWEST, Step.FEWER, Step.FULL]
    assert not overload.refuses


def test_strain_between_the_limits_keeps_the_step() -> None:
    overload = Overload()
    steps(overload, QUEUED, 3)
    assert steps(overload, BUSY, 300, start=3) == []


def test_a_relapse_asks_for_a_longer_calm() -> None:
    overload = Overload()
    steps(overload, QUEUED, 3)
    assert steps(overload, CALM, 12, start=3) == [Step.FULL]
    steps(overload, QUEUED, 3, start=15)
    assert steps(overload, CALM, 15, start=18) == []
    assert steps(overload, CALM, 8, start=33) == [Step.FULL]


def test_shares_are_ten_seven_and_five_of_ten() -> None:
    assert [10 * SHARES[step] for step in Step] == [10, 7, 5, 5]


strains = st.builds(Strain, st.floats(0, 1), st.floats(0, 1))


@given(st.lists(strains, max_size=400))
def test_it_moves_one_step_at_a_time_and_ends_well(course: list[Strain]) -> None:
    overload, at = Overload(), 0.0
    for strain in course:
        before = overload.step
        changed = overload.see(at, strain)
        assert abs(overload.step - before) == changed
        at += 0.5
    steps(overload, CALM, 3 * Limits().longest_calm + 10, start=at)
    assert overload.step is Step.FULL
