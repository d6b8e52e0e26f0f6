"""Which worker takes a session."""

from hypothesis import given
from hypothesis import strategies as st

from rtc_server.cluster.balancing import ATTEMPTS, Candidate, best

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        name=st.uuids().map(str),
        node=st.sampled_from("abc"),
        sessions=st.integers(0, 20),
        step=st.integers(0, 3),
        refuses=st.booleans(),
    ),
    unique_by=lambda each: each.name,
)


def names(*candidates: Candidate, draw: list[float] | None = None) -> list[str]:
    return [each.name for each in best(candidates, draw)]


def test_the_least_loaded_comes_first() -> None:
    assert names(Candidate("x", "a", 3), Candidate("y", "b", 2)) == ["y", "x"]


def test_one_that_sheds_frames_comes_after_those_that_do_not() -> None:
    assert names(Candidate("x", "a", 0, step=1), Candidate("y", "b", 9)) == ["y", "x"]


def test_one_that_refuses_comes_last() -> None:
    refusing = Candidate("x", "a", 0, refuses=True)
    assert names(refusing, Candidate("y", "b", 9, step=2)) == ["y", "x"]


def test_among_equals_the_least_loaded_machine_is_taken() -> None:
    busy = [Candidate("x", "a", 1), Candidate("y", "a", 5)]
    assert names(*busy, Candidate("z", "b", 1))[0] == "z"


def test_a_machine_with_more_workers_holds_more() -> None:
    large = [Candidate(f"a{number}", "a", 1) for number in range(4)]
    small = [Candidate("b0", "b", 1), Candidate("b1", "b", 2)]
    assert names(*large, *small)[0].startswith("a")


def test_chance_decides_between_equals() -> None:
    alike = [Candidate("x", "a", 1), Candidate("y", "b", 1)]
    assert names(*alike, draw=[0.1, 0.9])[0] == "x"
    assert names(*alike, draw=[0.9, 0.1])[0] == "y"


@given(CANDIDATES)
def test_nobody_is_asked_before_one_that_has_less_to_do(candidates: list[Candidate]) -> None:
    chosen = best(candidates)
    assert len(chosen) == min(len(candidates), ATTEMPTS)
    load = [(each.refuses, each.step, each.sessions) for each in chosen]
    assert (
        load == sorted((each.refuses, each.step, each.sessions) for each in candidates)[:ATTEMPTS]
    )
