"""Time is accounted for to the microsecond, whatever comes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.accounts import FOCUSED, MICROSECONDS, Verdict
from rtc_server.metrics.ledger import Ledger, microseconds
from rtc_server.metrics.model import Cause, State

AWAY = Verdict.of(Cause.LOOKING_AWAY)
TURNED = Verdict.of(Cause.FACE_TURNED)
ABSENT = Verdict.of(Cause.NO_FACE)
CLOSED = Verdict.of(Cause.EYES_CLOSED)
CROWD = Verdict.of(Cause.SEVERAL_FACES)
FRAME = 0.1

SETTLED = (State.FOCUSED, State.UNFOCUSED, State.UNKNOWN)

verdicts = st.none() | st.sampled_from([FOCUSED, *map(Verdict.of, Cause)])
moments = st.integers(-MICROSECONDS, 100 * MICROSECONDS)
marks = st.sampled_from(
    [Cause.MUTED, Cause.HIDDEN, Cause.NO_FRAMES, Cause.CALIBRATING, Cause.RECONNECTING]
)
steps = st.one_of(
    st.tuples(st.just("advance"), moments, verdicts),
    st.tuples(st.just("step"), st.integers(0, 2 * MICROSECONDS), verdicts),
    st.tuples(st.just("mark"), moments, marks),
    st.tuples(st.just("unmark"), moments, marks),
    st.tuples(st.just("restart"), st.just(0), st.none()),
)


class Script:
    """Plays verdicts at ten frames a second."""

    def __init__(self) -> None:
        self.ledger = Ledger(MetricsConfig())
        self.now = 0.0

    def play(self, verdict: Verdict | None, seconds: float) -> "Script":
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
            self.ledger.advance(microseconds(self.now), verdict)
        return self

    def wait(self, seconds: float) -> "Script":
        self.now += seconds
        return self

    def booked(self, verdict: Verdict) -> float:
        accounts = self.ledger.accounts
        if verdict.cause is None:
            return accounts.total(State.FOCUSED) / MICROSECONDS
        return accounts.by_cause(verdict.state).get(verdict.cause, 0.0)

    def finish(self) -> "Script":
        self.ledger.finish(microseconds(self.now))
        return self


def do(ledger: Ledger, step: tuple[str, int, object]) -> Ledger:
    what, at, value = step
    if what == "restart":
        fresh = Ledger(MetricsConfig())
        fresh.restore(json.loads(json.dumps(ledger.snapshot())))
        return fresh
    if what in {"advance", "step"}:
        assert value is None or isinstance(value, Verdict)
        ledger.advance(at + (ledger.elapsed if what == "step" else 0), value)
        return ledger
    assert isinstance(value, Cause)
    getattr(ledger, what)(value, at)
    return ledger


@given(st.lists(steps, max_size=60))
def test_the_four_accounts_are_the_elapsed_time_at_every_moment(
    script: list[tuple[str, int, object]],
) -> None:
    ledger = Ledger(MetricsConfig())
    before = (0, 0, 0, 0)
    for step in script:
        ledger = do(ledger, step)
        settled = tuple(ledger.accounts.total(state) for state in SETTLED)
        assert sum(settled) + ledger.pending == ledger.elapsed
        assert ledger.pending >= 0
        after = (*settled, ledger.elapsed)
        assert all(old <= new for old, new in zip(before, after, strict=True))
        before = (after[0], after[1], after[2], after[3])
    ledger.finish(ledger.elapsed)
    assert ledger.pending == 0
    assert sum(ledger.accounts.total(state) for state in SETTLED) == ledger.elapsed == before[3]


@given(st.lists(steps, max_size=60))
def test_causes_add_up_to_their_accounts(script: list[tuple[str, int, object]]) -> None:
    ledger = Ledger(MetricsConfig())
    for step in script:
        ledger = do(ledger, step)
    ledger.finish(ledger.elapsed)
    for state in (State.UNFOCUSED, State.UNKNOWN):
        total = ledger.accounts.total(state) / MICROSECONDS
        assert sum(ledger.accounts.by_cause(state).values()) == pytest.approx(total)


spells = st.lists(
    st.tuples(st.integers(0, 3 * MICROSECONDS), st.integers(0, 3 * MICROSECONDS), verdicts),
    max_size=12,
)


@given(spells=spells, first=verdicts, restarts=st.booleans())
def test_only_the_time_of_a_calibration_is_calibrating(
    spells: list[tuple[int, int, Verdict | None]], first: Verdict | None, *, restarts: bool
) -> None:
    told = {Verdict.of(Cause.CALIBRATING), Verdict.of(Cause.NO_FRAMES)}
    ledger, at, calibrating = Ledger(MetricsConfig()), 0, 0
    ledger.advance(MICROSECONDS, None if first in told else first)
    at = MICROSECONDS
    for marked, between, verdict in spells:
        ledger.mark(Cause.CALIBRATING, at)
        ledger.unmark(Cause.CALIBRATING, at + marked)
        if restarts:
            ledger = do(ledger, ("restart", 0, None))
        at, calibrating = at + marked + between, calibrating + marked
        ledger.advance(at, None if verdict in told else verdict)
    ledger.finish(at)
    booked = ledger.accounts.by_cause(State.UNKNOWN).get(Cause.CALIBRATING, 0.0)
    assert booked == pytest.approx(calibrating / MICROSECONDS)


def test_focus_is_pending_for_a_second_and_then_booked_from_its_beginning() -> None:
    script = Script().play(FOCUSED, 0.9)
    assert script.booked(FOCUSED) == 0
    assert script.ledger.pending == 900_000
    script.play(FOCUSED, 0.2)
    assert script.booked(FOCUSED) == pytest.approx(1.1)
    assert script.ledger.pending == 0


def test_looking_away_is_booked_from_where_it_began() -> None:
    script = Script().play(FOCUSED, 5).play(AWAY, 1.9)
    assert script.booked(AWAY) == 0
    script.play(AWAY, 1.1)
    assert script.booked(AWAY) == pytest.approx(3.0)
    assert script.booked(FOCUSED) == pytest.approx(5.0)


def test_a_glance_away_is_no_inattention() -> None:
    script = Script().play(FOCUSED, 5).play(AWAY, 1.5).play(FOCUSED, 5).finish()
    assert script.booked(FOCUSED) == pytest.approx(11.5)


def test_blinks_do_not_interrupt_focus() -> None:
    script = Script()
    for _ in range(10):
        script.play(FOCUSED, 1.5).play(CLOSED, 0.3)
    script.finish()
    assert script.booked(FOCUSED) == pytest.approx(18.0)


def test_blinks_do_not_hold_up_the_return_to_focus() -> None:
    script = Script().play(ABSENT, 4).play(FOCUSED, 0.5).play(CLOSED, 0.2).play(FOCUSED, 0.8)
    assert script.ledger.settled == FOCUSED


def test_closed_eyes_are_booked_after_a_second() -> None:
    script = Script().play(FOCUSED, 5).play(CLOSED, 3).finish()
    assert script.booked(CLOSED) == pytest.approx(3.0)


def test_absence_of_a_second_and_a_half_is_forgiven_and_more_is_not() -> None:
    short = Script().play(FOCUSED, 5).play(ABSENT, 1.3).play(FOCUSED, 2).finish()
    long = Script().play(FOCUSED, 5).play(ABSENT, 1.8).play(FOCUSED, 2).finish()
    assert short.booked(ABSENT) == 0
    assert long.booked(ABSENT) == pytest.approx(1.8)


def test_turning_away_until_the_face_is_lost_is_one_absence_of_attention() -> None:
    script = Script().play(FOCUSED, 5).play(TURNED, 0.9).play(ABSENT, 5).finish()
    assert script.booked(TURNED) + script.booked(ABSENT) == pytest.approx(5.9)
    assert script.booked(ABSENT) >= 5.0


def test_frames_that_say_nothing_go_with_what_was_before() -> None:
    script = Script().play(FOCUSED, 3).play(None, 2).finish()
    assert script.booked(FOCUSED) == pytest.approx(5.0)


def test_a_gap_of_over_a_second_is_wholly_unknown() -> None:
    script = Script().play(FOCUSED, 3).wait(1.2).play(FOCUSED, 3).finish()
    assert script.booked(Verdict.of(Cause.NO_FRAMES)) == pytest.approx(1.3)
    assert script.booked(FOCUSED) == pytest.approx(5.9)


@pytest.mark.parametrize("cause", [Cause.HIDDEN, Cause.CALIBRATING])
def test_what_a_client_says_shows_no_student(cause: Cause) -> None:
    """A closed camera whose page speaks all the while would pass for somebody who looks."""
    script = Script().play(FOCUSED, 3)
    for _ in range(20):
        script.wait(0.45)
        script.ledger.mark(cause, microseconds(script.now))
        script.wait(0.01)
        script.ledger.unmark(cause, microseconds(script.now))
    script.play(FOCUSED, 3).finish()
    assert script.booked(FOCUSED) <= 3 + 1 + 3


def test_a_gap_of_less_is_none() -> None:
    script = Script().play(FOCUSED, 3).wait(0.8).play(FOCUSED, 3).finish()
    assert script.booked(FOCUSED) == pytest.approx(6.8)


def test_a_marked_time_is_unknown_from_the_mark_to_its_end() -> None:
    script = Script().play(FOCUSED, 3)
    script.ledger.mark(Cause.HIDDEN, microseconds(3.05))
    script.play(FOCUSED, 4)
    script.ledger.unmark(Cause.HIDDEN, microseconds(7.05))
    script.play(FOCUSED, 3).finish()
    assert script.booked(Verdict.of(Cause.HIDDEN)) == pytest.approx(4.0)
    assert script.booked(FOCUSED) == pytest.approx(6.0)


def test_two_marks_hold_until_both_are_gone() -> None:
    script = Script().play(FOCUSED, 2)
    script.ledger.mark(Cause.HIDDEN, microseconds(2.0))
    script.ledger.mark(Cause.MUTED, microseconds(3.0))
    script.ledger.unmark(Cause.HIDDEN, microseconds(3.5))
    script.ledger.unmark(Cause.MUTED, microseconds(4.0))
    assert script.booked(Verdict.of(Cause.HIDDEN)) == pytest.approx(1.0)
    assert script.booked(Verdict.of(Cause.MUTED)) == pytest.approx(1.0)


def test_what_held_before_a_calibration_holds_between_two_dots() -> None:
    script = Script().play(FOCUSED, 3)
    for _ in range(9):
        script.ledger.mark(Cause.CALIBRATING, microseconds(script.now))
        script.play(FOCUSED, 1)
        script.ledger.unmark(Cause.CALIBRATING, microseconds(script.now))
        script.play(AWAY, 0.4).play(FOCUSED, 0.4)
    script.finish()
    assert script.booked(Verdict.of(Cause.CALIBRATING)) == pytest.approx(9.0)
    assert script.booked(FOCUSED) == pytest.approx(3.0 + 9 * 0.8)


def test_a_student_who_is_away_after_a_calibration_is_booked_away_from_its_end() -> None:
    script = Script().play(FOCUSED, 3)
    script.ledger.mark(Cause.CALIBRATING, microseconds(script.now))
    script.play(FOCUSED, 1)
    script.ledger.unmark(Cause.CALIBRATING, microseconds(script.now))
    script.play(AWAY, 4).finish()
    assert script.booked(AWAY) == pytest.approx(4.0)


def test_a_hidden_tab_says_nothing_of_what_follows_a_calibration() -> None:
    script = Script().play(FOCUSED, 3)
    script.ledger.mark(Cause.HIDDEN, microseconds(script.now))
    script.play(FOCUSED, 2)
    script.ledger.unmark(Cause.HIDDEN, microseconds(script.now))
    script.ledger.mark(Cause.CALIBRATING, microseconds(script.now))
    script.play(FOCUSED, 1)
    script.ledger.unmark(Cause.CALIBRATING, microseconds(script.now))
    script.play(AWAY, 4).finish()
    assert script.booked(Verdict.of(Cause.HIDDEN)) == pytest.approx(2.0)
    assert script.booked(AWAY) == pytest.approx(4.0)


def test_a_second_person_makes_the_time_unknown() -> None:
    script = Script().play(FOCUSED, 5).play(CROWD, 4).play(FOCUSED, 5).finish()
    assert script.booked(CROWD) == pytest.approx(4.0)
    assert script.booked(FOCUSED) == pytest.approx(10.0)


def test_runs_of_three_seconds_are_sessions() -> None:
    script = Script().play(FOCUSED, 5).play(AWAY, 2.5).play(FOCUSED, 4).play(AWAY, 4).finish()
    assert script.ledger.accounts.sessions(State.FOCUSED) == 2
    assert script.ledger.accounts.sessions(State.UNFOCUSED) == 1


def test_what_came_after_the_last_frame_is_unknown_when_it_was_long() -> None:
    script = Script().play(FOCUSED, 5).wait(4).finish()
    assert script.booked(Verdict.of(Cause.NO_FRAMES)) == pytest.approx(4.0)


def test_an_end_before_anything_settled_leaves_nothing_pending() -> None:
    script = Script().play(FOCUSED, 0.5).finish()
    assert script.ledger.pending == 0
    assert script.booked(FOCUSED) == pytest.approx(0.5)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_impossible_times_count_as_none(seconds: float) -> None:
    assert microseconds(seconds) == 0
