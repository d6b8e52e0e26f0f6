"""Lines of sight, directions, and their steadiness."""

import json

import pytest

from rtc_server.metrics.gaze import Director, Offset, look, offset
from rtc_server.metrics.model import Direction
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace


def point(drawn: DrawnFace, *, mirrored: bool = False) -> tuple[float, float]:
    return look(measure(drawn.landmarks(), SIZE), mirrored=mirrored).point


def director() -> Director:
    return Director(limit_x=8.0, limit_y=7.0, hysteresis=2.0, dwell=0.2)


@pytest.mark.parametrize("roll", [0.0, 15.0, -15.0])
def test_irises_to_the_images_right_look_to_the_students_left(roll: float) -> None:
    straight, aside = (point(DrawnFace(gaze_x=x, roll=roll)) for x in (0.0, 0.2))
    assert aside[0] < straight[0] - 5
    assert aside[1] == pytest.approx(straight[1], abs=5)


def test_a_mirrored_picture_turns_left_and_right() -> None:
    plain, mirrored = (point(DrawnFace(gaze_x=0.2), mirrored=each) for each in (False, True))
    assert mirrored[0] == pytest.approx(-plain[0])
    assert mirrored[1] == pytest.approx(plain[1])


def test_a_turned_head_takes_the_gaze_along() -> None:
    assert point(DrawnFace(yaw=15))[0] > point(DrawnFace())[0] + 8
    assert point(DrawnFace(pitch=-10))[1] > point(DrawnFace())[1] + 3


def test_eyes_that_stay_on_the_target_make_up_for_the_heads_turn() -> None:
    straight, turned = point(DrawnFace()), point(DrawnFace(yaw=12, gaze_x=0.12))
    assert abs(turned[0] - straight[0]) < abs(point(DrawnFace(yaw=12))[0] - straight[0])


def test_what_the_heads_posture_does_to_the_point_is_told_apart() -> None:
    straight, bowed = (
        look(measure(DrawnFace(pitch=pitch).landmarks(), SIZE)) for pitch in (0.0, -15.0)
    )
    lowered = bowed.held * bowed.distance - straight.held * straight.distance
    assert lowered == pytest.approx(0.4 * 60 * 0.268, abs=0.5)
    assert bowed.point[1] - straight.point[1] > lowered / 2


def test_the_gaze_moves_with_the_distance() -> None:
    near, far = (
        point(DrawnFace(gaze_x=0.2, distance=d))[0] - point(DrawnFace(distance=d))[0]
        for d in (40.0, 80.0)
    )
    assert far == pytest.approx(2 * near, rel=0.05)


def test_offsets_are_degrees() -> None:
    away = offset((60.0, -20.0), (0.0, 0.0), 60.0)
    assert away.right == pytest.approx(45)
    assert away.down == pytest.approx(-18.4, abs=0.1)
    assert away.outside(40.0, 12.0) == pytest.approx((5**2 + 6.4**2) ** 0.5, abs=0.1)
    assert away.outside(90.0, 90.0) == 0


@pytest.mark.parametrize(
    ("right", "down", "direction"),
    [
        (0, 0, Direction.CENTER),
        (12, 0, Direction.RIGHT),
        (-12, 3, Direction.LEFT),
        (2, 10, Direction.DOWN),
        (-2, -10, Direction.UP),
        (20, 10, Direction.RIGHT),
        (9, 20, Direction.DOWN),
    ],
)
def test_each_direction_is_named(right: float, down: float, direction: Direction) -> None:
    assert director().add(0.0, Offset(right, down)) is direction


def test_a_direction_must_dwell_before_it_is_told() -> None:
    steady = director()
    steady.add(0.0, Offset(0, 0))
    assert steady.add(0.1, Offset(12, 0)) is Direction.CENTER
    assert steady.add(0.2, Offset(0, 0)) is Direction.CENTER
    assert steady.add(0.3, Offset(12, 0)) is Direction.CENTER
    assert steady.add(0.5, Offset(12, 0)) is Direction.RIGHT


def test_on_the_limit_a_direction_does_not_flicker() -> None:
    steady = director()
    steady.add(0.0, Offset(12, 0))
    readings = {steady.add(i / 10, Offset(7.5 + i % 2, 0)) for i in range(1, 20)}
    assert readings == {Direction.RIGHT}


def test_a_direction_survives_a_checkpoint() -> None:
    steady, again = director(), director()
    steady.add(0.0, Offset(12, 0))
    again.restore(json.loads(json.dumps(steady.snapshot())))
    assert again.add(0.1, Offset(0, 0)) is Direction.RIGHT
