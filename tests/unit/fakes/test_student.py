"""What MediaPipe and the product see on made pictures follows what they were made of."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from rtc_server.base.config import MetricsConfig, VisionConfig
from rtc_server.media.source import Frame
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Direction, FaceMeasure, Observation
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.geometry import head_pose
from rtc_server.vision.landmarks import FaceModels
from tests.fakes import pictures
from tests.fakes.student import head
from tests.fakes.student.photo import Picture
from tests.fakes.student.script import Blink, Script, Segment, scripted_minute
from tests.fakes.student.shot import Person, Shot, rotation
from tests.fakes.student.student import Student

SIZE = (480, 360)


class Sight:
    """A student, and the product's eyes on it."""

    def __init__(self, models: FaceModels) -> None:
        self.student = Student(SIZE)
        self.models = models

    def observe(self, picture: Picture, track: FaceTrack, time: float) -> Observation:
        frame = Frame(time, time, pictures.video_frame(picture))
        return track.observe(self.models, frame, time)

    def look(self, shot: Shot) -> Observation:
        """One picture without a past."""
        return self.observe(self.student.render(shot), FaceTrack(VisionConfig()), 0.0)

    def face(self, shot: Shot) -> FaceMeasure:
        face = self.look(shot).face
        assert face is not None
        return face


@pytest.fixture(scope="module")
def sight() -> Iterator[Sight]:
    models = FaceModels()
    yield Sight(models)
    models.close()


def ear(face: FaceMeasure) -> float:
    return (face.left.ear + face.right.ear) / 2


# ------------------------------------------------------------ what is drawn


@pytest.mark.parametrize("angles", [(30.0, -12.0, 8.0), (-44.0, 25.0, -30.0), (0.0, 0.0, 0.0)])
def test_the_truth_s_angles_are_those_of_the_service(angles: tuple[float, float, float]) -> None:
    pose = head_pose(rotation(*angles))
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx(angles)


def test_the_neutral_head_is_symmetrical_and_its_forehead_as_far_as_its_chin() -> None:
    points = head.face().vertices
    for right, left in [(33, 263), (61, 291), (234, 454), (172, 397)]:
        mirrored = points[left] * (-1, 1, 1)
        assert np.linalg.norm(points[right] - mirrored) < 0.6
    assert points[10, 2] == pytest.approx(points[152, 2], abs=1e-6)
    pose = head_pose(head.neutral().rotation)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((1, -11, 3), abs=1.5)


def test_gaze_is_told_from_the_student_s_side_in_camera_axes() -> None:
    right, up = Shot(gaze=(30.0, 0.0)).gaze_vector, Shot(gaze=(0.0, 30.0)).gaze_vector
    assert right == pytest.approx((-0.5, 0.0, -math.sqrt(0.75)))
    assert up == pytest.approx((0.0, -0.5, -math.sqrt(0.75)))
    assert Shot(yaw=40.0).gaze_vector[0] == pytest.approx(-math.sin(math.radians(40)))


def test_a_blink_shuts_the_eyes_and_opens_them_again() -> None:
    blink = Blink(1.0, 1.3)
    assert [blink.openness(time) for time in (0.9, 1.0, 1.12, 1.3, 1.4)] == [1, 1, 0, 1, 1]
    script = Script((Segment(2.0, Shot()), Segment(1.0, Shot(yaw=30))), (blink,), sway=0.0)
    assert script.at(1.12).openness == 0
    assert script.at(1.5) == Shot()
    assert 0 < script.at(2.2).yaw < script.at(2.9).yaw == 30
    assert script.duration == 3.0


def test_the_minute_is_a_minute() -> None:
    minute = scripted_minute()
    assert minute.duration == 60
    assert {cause for _, _, cause in minute.boundaries} == {
        *(None, Cause.LOOKING_AWAY, Cause.FACE_TURNED, Cause.NO_FACE),
        *(Cause.SEVERAL_FACES, Cause.EYES_CLOSED),
    }


def test_the_same_shot_gives_the_same_picture() -> None:
    shot = Shot(yaw=10, openness=0.5, noise=2.0)
    assert (Student(SIZE).render(shot) == Student(SIZE).render(shot)).all()


# ------------------------------------------------------------ what is seen


@pytest.mark.parametrize(
    ("yaw", "pitch", "roll"),
    [
        *((0, 0, 0), (20, 0, 0), (-20, 0, 0), (42, 0, 0), (-42, 0, 0)),
        *((0, 18, 0), (0, -18, 0), (0, 0, 25), (0, 0, -25), (25, -10, 12), (-25, 10, -12)),
    ],
)
def test_the_head_is_seen_turned_as_it_is(
    sight: Sight, yaw: float, pitch: float, roll: float
) -> None:
    pose = sight.face(Shot(yaw=yaw, pitch=pitch, roll=roll)).head_pose
    assert pose.yaw == pytest.approx(yaw, abs=6)
    assert pose.pitch == pytest.approx(pitch, abs=8)
    assert pose.roll == pytest.approx(roll, abs=4)


def test_the_lids_are_seen_to_close_step_by_step(sight: Sight) -> None:
    seen = [ear(sight.face(Shot(openness=openness))) for openness in (1.0, 0.7, 0.4, 0.0)]
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < 0.35 * seen[0]


def test_the_distance_is_seen(sight: Sight) -> None:
    """Its scale is that of the canonical face: this one is a little narrower."""
    near, far = (sight.face(Shot(distance_cm=each)).position[2] for each in (40.0, 70.0))
    assert near == pytest.approx(40, rel=0.15)
    assert far / near == pytest.approx(70 / 40, rel=0.04)


def test_the_iris_goes_where_the_gaze_goes(sight: Sight) -> None:
    sides = [sight.face(Shot(gaze=(x, 0.0))) for x in (-20.0, 0.0, 20.0)]
    for eye in ("left", "right"):
        iris = [getattr(face, eye).iris_x for face in sides]
        assert iris[0] > iris[1] + 0.1 > iris[2] + 0.2


@pytest.mark.parametrize(
    ("gaze", "told"),
    [
        ((25.0, -8.0), Direction.RIGHT),
        ((-25.0, -8.0), Direction.LEFT),
        ((0.0, -8.0), Direction.CENTER),
    ],
)
def test_the_gaze_is_told_from_the_student_s_side(
    sight: Sight, gaze: tuple[float, float], told: Direction
) -> None:
    """Ten times a second: six seconds at the screen, then a glance of a second."""
    meter = Meter(MetricsConfig())
    screen, glance = (sight.look(Shot(gaze=each)).face for each in ((0.0, -8.0), gaze))
    for index in range(70):
        face = screen if index < 60 else glance
        reading = meter.observe(Observation(index / 10, index / 10, 1, face=face))
    assert reading.gaze_direction is told


def test_blinks_are_found_ten_times_a_second(sight: Sight) -> None:
    blinks = tuple(Blink(start, start + 0.25) for start in (3.03, 4.71, 6.28))
    script = Script((Segment(8.0, Shot(gaze=(0.0, -8.0), noise=2.0)),), blinks)
    meter, track = Meter(MetricsConfig()), FaceTrack(VisionConfig())
    for time, picture in script.frames(sight.student, script.steady(10)):
        meter.observe(sight.observe(picture, track, time))
    meter.finish(script.duration)
    assert len(meter.blinks) == len(blinks)
    for (start, end), blink in zip(meter.blinks, blinks, strict=True):
        assert start < blink.end + 0.1
        assert end > blink.start - 0.1


def test_two_people_are_counted_and_none_is_seen_in_the_empty_room(sight: Sight) -> None:
    two = Shot(x_cm=-10.0, distance_cm=60.0, others=(Person(14.0, -4.0, 65.0),))
    assert two.faces == 2
    assert sight.look(two).face_count == 2
    assert sight.look(Shot(present=False)).face_count == 0


def test_a_dark_room_is_low_light_and_a_dark_skin_is_not(sight: Sight) -> None:
    meter = Meter(MetricsConfig())
    dark_skin = meter.observe(sight.look(Shot(skin=0.12, noise=2.0)))
    assert dark_skin.face_count == 1
    assert dark_skin.quality.ok
    assert (dark_skin.quality.luminance or 1.0) < 0.4
    dark_room = meter.observe(sight.look(Shot(light=0.008, noise=18.0)))
    assert not dark_room.quality.ok
