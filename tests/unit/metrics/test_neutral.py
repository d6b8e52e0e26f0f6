"""Where the screen most likely is, and what the person shows of it."""

import json

import pytest

from rtc_server.metrics.model import HeadPose
from rtc_server.metrics.neutral import CENTER_SPREAD, PERIOD, Neutral, Seen

MIDDLE = (0.0, 11.0)
FRONTAL = HeadPose(0.0, 0.0, 0.0)


def looked(neutral: Neutral, point: tuple[float, float], seconds: float) -> Neutral:
    for i in range(round(seconds / PERIOD)):
        neutral.teach(i * PERIOD, PERIOD, Seen(FRONTAL, point, 0.0, 80.0))
    return neutral


def fresh() -> Neutral:
    return Neutral(60.0, 3.0, MIDDLE)


def test_the_screen_is_below_the_camera_before_anything_is_seen() -> None:
    assert fresh().screen(60.0) == MIDDLE


def test_a_first_look_at_an_edge_hardly_moves_the_screen() -> None:
    neutral = looked(fresh(), (8.0, 4.0), 2.0)
    assert neutral.screen(60.0) == pytest.approx(MIDDLE, abs=2.5)
    assert neutral.center == pytest.approx((8.0, 4.0), abs=3.0)


def test_a_screen_far_from_the_camera_is_believed_within_ten_seconds() -> None:
    far = (6 * CENTER_SPREAD, MIDDLE[1])
    assert looked(fresh(), far, 10.0).screen(60.0) == pytest.approx(far, abs=3.0)


def test_a_head_that_is_always_held_up_does_not_raise_the_screen() -> None:
    neutral = fresh()
    raised = -0.2
    point = (0.0, MIDDLE[1] + raised * 60.0)
    neutral.teach(0.0, PERIOD, Seen(HeadPose(0.0, 20.0, 0.0), point, raised, 80.0))
    assert neutral.screen(60.0)[1] == pytest.approx(MIDDLE[1] + raised * 60.0)


def test_someone_who_leans_back_is_followed_within_ten_seconds() -> None:
    neutral = looked(fresh(), MIDDLE, 30.0)
    before = neutral.screen(60.0)[1]
    for i in range(round(10 / PERIOD)):
        neutral.teach(30.0 + i * PERIOD, PERIOD, Seen(FRONTAL, MIDDLE, -0.1, 80.0))
    assert neutral.screen(60.0)[1] < before - 1.0


def test_long_looking_outweighs_what_was_expected() -> None:
    short, long = (looked(fresh(), (8.0, 11.0), seconds).screen(60.0)[0] for seconds in (5.0, 60.0))
    assert short < 4.0
    assert long > 6.5


def test_a_middle_that_the_student_shows_needs_no_prior() -> None:
    neutral = fresh()
    neutral.clear(asked=True)
    assert looked(neutral, (8.0, 4.0), 3.0).screen(60.0) == neutral.center
    assert neutral.center[1] == pytest.approx(4.0)


def test_the_screen_survives_a_checkpoint() -> None:
    neutral, again = fresh(), fresh()
    neutral.clear(asked=True)
    looked(neutral, (8.0, 4.0), 3.0)
    again.restore(json.loads(json.dumps(neutral.snapshot())))
    assert again.screen(60.0) == pytest.approx(neutral.screen(60.0))


def held(neutral: Neutral, pose: HeadPose, seconds: float, height: float = 0.0) -> Neutral:
    for i in range(round(seconds / PERIOD)):
        neutral.teach(i * PERIOD, PERIOD, Seen(pose, MIDDLE, 0.0, 80.0, height))
    return neutral


def test_a_look_down_at_first_teaches_nothing() -> None:
    neutral = fresh()
    assert not any(neutral.seeds(0.1, HeadPose(0.0, -25.0, 0.0)) for _ in range(50))
    assert neutral.unknown


def test_who_is_never_seen_otherwise_sits_like_that() -> None:
    neutral = fresh()
    assert [neutral.seeds(0.1, HeadPose(0.0, -25.0, 0.0)) for _ in range(70)][-1]


def test_a_head_turned_by_sixty_degrees_is_never_neutral() -> None:
    neutral = fresh()
    assert not any(neutral.seeds(0.1, HeadPose(60.0, 0.0, 0.0)) for _ in range(3000))


@pytest.mark.parametrize(
    ("taught", "pose", "height", "better"),
    [
        (60.0, HeadPose(0.0, 20.0, 0.0), 0.0, True),
        (60.0, HeadPose(0.0, -25.0, 0.0), -4.0, False),
        (60.0, HeadPose(0.0, -20.0, 0.0), 15.0, True),
        (60.0, HeadPose(30.0, 20.0, 0.0), 0.0, False),
        (60.0, HeadPose(3.0, 3.0, 0.0), 0.0, False),
    ],
)
def test_what_takes_the_place_of_a_pose_that_was_held_long(
    taught: float, pose: HeadPose, height: float, *, better: bool
) -> None:
    assert held(fresh(), FRONTAL, taught).is_better(pose, height) is better


def test_a_pose_that_was_hardly_held_gives_way_soon() -> None:
    neutral = held(fresh(), HeadPose(0.0, -14.0, 0.0), 3.0)
    assert neutral.is_better(FRONTAL, 0.0)
    assert neutral.patience < held(fresh(), FRONTAL, 30.0).patience
