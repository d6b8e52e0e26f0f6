"""Which of both eyes is believed: falls that one eye does not follow."""

import json

from rtc_server.metrics.eye_pair import EyePair

OPEN, SHUT = 0.3, 0.06
FRAME = 0.1


def watch(pair: EyePair, falls: int, *, left: float, right: float, yaw: float = 0.0) -> EyePair:
    """So many blinks, two seconds apart; ``left`` and ``right``: the ratios in them."""
    start = 1000.0 if pair.left_out is None else 2000.0
    for i in range(20 * falls):
        shut = i % 20 in {10, 11}
        pair.add(start + i * FRAME, (left, right) if shut else (OPEN, OPEN), yaw)
    return pair


def test_eyes_that_blink_together_are_both_believed() -> None:
    assert watch(EyePair(), 5, left=SHUT, right=0.7 * OPEN).left_out is None


def test_an_eye_that_never_follows_is_left_out() -> None:
    assert watch(EyePair(), 3, left=OPEN, right=SHUT).left_out == 0
    assert watch(EyePair(), 3, left=SHUT, right=0.95 * OPEN).left_out == 1


def test_two_winks_leave_no_eye_out() -> None:
    pair = watch(EyePair(), 2, left=OPEN, right=SHUT)
    watch(pair, 1, left=SHUT, right=SHUT)
    assert watch(pair, 2, left=OPEN, right=SHUT).left_out is None


def test_an_eye_that_comes_into_view_again_is_believed_again() -> None:
    pair = watch(EyePair(), 3, left=OPEN, right=SHUT)
    assert watch(pair, 1, left=SHUT, right=SHUT).left_out is None


def test_the_farther_eye_of_a_turned_head_is_no_witness() -> None:
    assert watch(EyePair(), 5, left=OPEN, right=SHUT, yaw=30.0).left_out is None


def test_what_is_left_out_survives_a_checkpoint() -> None:
    restored = EyePair()
    restored.restore(json.loads(json.dumps(watch(EyePair(), 3, left=OPEN, right=SHUT).snapshot())))
    assert restored.left_out == 0
