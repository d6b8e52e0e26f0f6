"""Pose, eyes and irises of drawn faces whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtc_server.vision import canonical
from rtc_server.vision.geometry import eye_aspect_ratio, focal_length, measure
from tests.fakes.drawn_face import SIZE, DrawnFace


@given(
    yaw=st.floats(-60, 60),
    pitch=st.floats(-40, 40),
    roll=st.floats(-40, 40),
    distance=st.floats(30, 150),
)
def test_pose_is_recovered_at_every_turn_and_distance(
    yaw: float, pitch: float, roll: float, distance: float
) -> None:
    drawn = DrawnFace(yaw=yaw, pitch=pitch, roll=roll, distance=distance)
    pose = measure(drawn.landmarks(), SIZE).head_pose
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((yaw, pitch, roll), abs=0.01)


def test_positive_angles_are_right_of_the_student_up_and_clockwise() -> None:
    def nose(drawn: DrawnFace) -> tuple[float, float]:
        points = drawn.landmarks()
        x, y = points[4, :2] - (points[127, :2] + points[356, :2]) / 2
        return x, y

    straight = nose(DrawnFace())
    assert nose(DrawnFace(yaw=20))[0] < straight[0]
    assert nose(DrawnFace(pitch=20))[1] < straight[1]
    tilted = DrawnFace(roll=20).landmarks()
    assert tilted[263, 1] > tilted[33, 1]


def test_the_rest_of_a_rigid_face_is_nothing_and_of_a_torn_one_much() -> None:
    points = DrawnFace().landmarks()
    assert measure(points, SIZE).disagreement < 1e-6
    points[canonical.INDEX] += np.random.default_rng(1).normal(0, 0.03, (33, 3))
    assert measure(points, SIZE).disagreement > 0.1


def test_distance_and_place_come_in_centimetres() -> None:
    face = measure(DrawnFace(distance=75, x=8, y=-3).landmarks(), SIZE)
    assert face.position[2] == pytest.approx(75, rel=0.01)
    near = measure(DrawnFace(distance=75).landmarks(), SIZE)
    assert face.position[0] - near.position[0] == pytest.approx(8, rel=0.01)
    assert face.position[1] - near.position[1] == pytest.approx(-3, rel=0.01)


def test_the_size_of_a_face_does_not_change_as_it_turns() -> None:
    sizes = [measure(DrawnFace(yaw=yaw).landmarks(), SIZE).inter_ocular_px for yaw in (0, 30, 50)]
    assert sizes == pytest.approx([sizes[0]] * 3, rel=0.01)


def test_openness_moves_the_aspect_ratio_and_the_lids() -> None:
    wide, narrow = (measure(DrawnFace(openness=share).landmarks(), SIZE) for share in (1.0, 0.3))
    assert narrow.left.ear == pytest.approx(0.3 * wide.left.ear, rel=0.02)
    assert narrow.right.lid_below > wide.right.lid_below


def test_left_and_right_are_the_students() -> None:
    face = measure(DrawnFace().landmarks(), SIZE)
    assert face.left.center[0] > face.right.center[0]


@pytest.mark.parametrize("turn", [{}, {"yaw": 25.0}, {"pitch": -15.0}, {"roll": 20.0}])
def test_the_irises_place_in_the_head_does_not_depend_on_the_heads_turn(
    turn: dict[str, float],
) -> None:
    face = measure(DrawnFace(gaze_x=0.2, gaze_y=0.1, **turn).landmarks(), SIZE)
    still = measure(DrawnFace(**turn).landmarks(), SIZE)
    for eye, resting in ((face.left, still.left), (face.right, still.right)):
        assert eye.iris_x - resting.iris_x == pytest.approx(0.2, abs=0.01)
        assert eye.iris_drop - resting.iris_drop == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("roll", [-20.0, 20.0])
def test_iris_and_lid_below_the_corners_do_not_depend_on_the_heads_roll(roll: float) -> None:
    upright, rolled = (
        measure(DrawnFace(gaze_y=0.1, roll=angle).landmarks(), SIZE) for angle in (0.0, roll)
    )
    for a, b in ((upright.left, rolled.left), (upright.right, rolled.right)):
        assert b.iris_below == pytest.approx(a.iris_below, abs=0.02)
        assert b.lid_below == pytest.approx(a.lid_below, abs=0.02)


def test_aspect_ratio_is_the_mean_gap_over_the_width() -> None:
    rows = [[0, 0], [4, 0], [1, -1], [3, -1], [1, 1], [3, 1], [2, -1.5], [2, 1.5]]
    assert eye_aspect_ratio(np.array(rows, dtype=np.float64)) == pytest.approx((2 + 2 + 3) / 3 / 4)


def test_an_eye_without_width_has_no_opening() -> None:
    assert eye_aspect_ratio(np.zeros((8, 2))) == 0


def test_sixty_degrees_across_640_pixels_are_554_of_focal_length() -> None:
    assert focal_length(640) == pytest.approx(554.3, abs=0.1)


@pytest.mark.parametrize("bad", [np.full((478, 3), np.nan), np.zeros((478, 3))])
def test_landmarks_that_are_no_face_are_refused(bad: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="landmarks"):
        measure(bad, SIZE)
