"""Open is what this person's open eyes are."""

import json

import pytest

from rtc_server.metrics.openness import Closure, Openness, aspect_ratios
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

FRAME = 0.1


def watch(openness: Openness, ear: float, seconds: float) -> float:
    value = 0.0
    for _ in range(round(seconds / FRAME)):
        value = openness.add(FRAME, ear)
    return value


@pytest.mark.parametrize("ear", [0.12, 0.2, 0.3, 0.5])
def test_narrow_and_wide_eyes_are_open_and_closed_alike(ear: float) -> None:
    openness = Openness(8.0)
    assert watch(openness, ear, 5) == pytest.approx(1.0)
    assert openness.add(FRAME, 0.2 * ear) == 0.0


def test_eyes_that_are_closed_for_long_do_not_become_the_open_ones() -> None:
    openness = Openness(8.0)
    watch(openness, 0.3, 10)
    assert watch(openness, 0.06, 120) == 0.0
    assert openness.add(FRAME, 0.3) == pytest.approx(1.0)


def test_another_opening_is_learnt_within_ten_seconds() -> None:
    openness = Openness(8.0)
    watch(openness, 0.3, 20)
    assert watch(openness, 0.2, 10) == pytest.approx(1.0, abs=0.05)
    assert watch(openness, 0.3, 10) == pytest.approx(1.0, abs=0.05)


def test_a_new_person_is_learnt_anew() -> None:
    openness = Openness(8.0)
    watch(openness, 0.4, 20)
    openness.clear()
    assert watch(openness, 0.15, 1) == pytest.approx(1.0)


def test_what_was_learnt_survives_a_checkpoint() -> None:
    openness, again = Openness(8.0), Openness(8.0)
    watch(openness, 0.3, 5)
    again.restore(json.loads(json.dumps(openness.snapshot())))
    assert again.add(FRAME, 0.2) == openness.add(FRAME, 0.2)


def test_a_turned_head_does_not_open_its_eyes() -> None:
    straight = aspect_ratios(measure(DrawnFace().landmarks(), SIZE))
    for yaw in (-40, -20, 20, 40):
        turned = aspect_ratios(measure(DrawnFace(yaw=yaw).landmarks(), SIZE))
        assert turned.mean == pytest.approx(straight.mean, rel=0.05)


def test_one_open_eye_is_enough_not_to_be_closed() -> None:
    points = DrawnFace().landmarks()
    points[[160, 158, 159, 144, 153, 145]] = DrawnFace(openness=0.05).landmarks()[
        [160, 158, 159, 144, 153, 145]
    ]
    ratios = aspect_ratios(measure(points, SIZE))
    open_eye = aspect_ratios(measure(DrawnFace().landmarks(), SIZE))
    assert ratios.wider == pytest.approx(open_eye.wider, rel=0.05)
    assert ratios.mean < 0.6 * open_eye.mean


def test_a_person_whose_blinks_stay_high_is_asleep_at_that_height() -> None:
    closure = Closure(limit=0.2)
    assert not closure.add(0.44, 1.0)
    for bottom in (0.36, 0.5, 0.38, 0.6, 0.37, 0.55):
        closure.learn(bottom)
    assert closure.add(0.44, 1.0)


def test_lids_of_a_look_down_are_never_closed_however_shallow_the_blinks() -> None:
    closure = Closure(limit=0.2)
    for _ in range(12):
        closure.learn(0.8)
    assert not closure.add(0.55, 1.0)


def test_closed_lids_that_tremble_stay_closed_and_open_again() -> None:
    closure = Closure(limit=0.2)
    told = [closure.add(ear, 1.0) for ear in (0.9, 0.38, 0.45, 0.37, 0.49, 0.6)]
    assert told == [False, True, True, True, True, False]


def test_what_blinks_taught_survives_a_checkpoint() -> None:
    closure, restored = Closure(limit=0.2), Closure(limit=0.2)
    for bottom in (0.36, 0.36, 0.38, 0.4):
        closure.learn(bottom)
    restored.restore(json.loads(json.dumps(closure.snapshot())))
    assert restored.closed_share == closure.closed_share == 0.36
