from collections.abc import Iterator

import numpy as np
import pytest

from rtc_server.base.config import VisionConfig
from rtc_server.base.errors import FrameRefused
from rtc_server.media.frames import Picture
from rtc_server.media.source import Frame
from rtc_server.metrics.model import Observation
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.landmarks import FaceModels, Mesh
from rtc_server.vision.region import Region
from tests.fakes import pictures


class CountingModels(FaceModels):
    """The real models, and how often each was asked."""

    meshes = 0
    looks = 0
    far_looks = 0

    def mesh(self, picture: Picture, region: Region) -> Mesh:
        self.meshes += 1
        return super().mesh(picture, region)

    def faces(self, picture: Picture, *, far: bool = False) -> list[Region]:
        self.looks += not far
        self.far_looks += far
        return super().faces(picture, far=far)


class Student:
    """A track, and pictures that are shown to it ten times a second."""

    def __init__(self, models: CountingModels) -> None:
        self.models = models
        self.track = FaceTrack(VisionConfig())
        self.time = 0.0

    def show(self, picture: pictures.Picture, pixel_format: str = "yuv420p") -> Observation:
        self.time += 0.1
        frame = Frame(self.time, self.time, pictures.video_frame(picture, pixel_format))
        return self.track.observe(self.models, frame, self.time)


@pytest.fixture(scope="module")
def loaded() -> Iterator[CountingModels]:
    models = CountingModels()
    yield models
    models.close()


@pytest.fixture
def student(loaded: CountingModels) -> Student:
    loaded.meshes = loaded.looks = loaded.far_looks = 0
    return Student(loaded)


def face_size(observation: Observation) -> float:
    assert observation.face is not None
    return observation.face.inter_ocular_px


def beside(left: pictures.Picture, right: pictures.Picture) -> pictures.Picture:
    """Two halves of a picture, each with a face in its middle."""
    return np.hstack([left[:, 195:515], right[:, 195:515]])


NEAR = pictures.panned(35, -120, 1.0)
FAR = pictures.panned(35, -120, 0.55)


def test_a_face_is_found_and_measured(student: Student) -> None:
    observation = student.show(pictures.astronaut())
    assert observation.face_count == 1
    assert face_size(observation) == pytest.approx(56.5, abs=1.5)
    assert observation.quality.inter_ocular_px == face_size(observation)
    assert observation.quality.luminance == pytest.approx(0.7, abs=0.04)
    assert observation.second_inter_ocular_px is None
    assert (observation.media_time, observation.elapsed) == (student.time, student.time)


def test_quality_is_rated_twice_a_second_and_when_a_face_comes_or_goes(student: Student) -> None:
    dark = (NEAR * 0.3).astype(np.uint8)
    bright = student.show(NEAR).quality
    held = student.show(dark).quality
    assert held.luminance == bright.luminance
    assert held.inter_ocular_px != bright.inter_ocular_px
    gone = student.show(pictures.snow()).quality
    assert gone.noise is not None
    assert gone.noise > 0.1
    assert gone.luminance is None
    back = [student.show(dark).quality.luminance for _ in range(2)]
    assert back == pytest.approx([0.2, 0.2], abs=0.05)
    later = [student.show(NEAR).quality.luminance for _ in range(6)]
    assert later[-1] == pytest.approx(bright.luminance, abs=0.02)


def test_a_followed_face_costs_an_inference_a_frame_and_a_look_a_second(student: Student) -> None:
    for i in range(80):
        assert student.show(pictures.panned(i / 2, -i / 4, 1 + i / 400)).face_count == 1
    assert student.models.meshes == 80
    assert student.models.looks == pytest.approx(8, abs=1)
    assert student.models.far_looks == 1


@pytest.mark.parametrize("picture", [pictures.black(), pictures.snow(), pictures.panned(-320, 200)])
def test_without_a_face_there_is_none(student: Student, picture: pictures.Picture) -> None:
    for _ in range(3):
        observation = student.show(picture)
        assert (observation.face_count, observation.face) == (0, None)
        assert observation.quality.inter_ocular_px is None
        assert observation.quality.image_luminance is not None


def test_a_face_that_goes_is_gone_and_that_comes_back_is_back_at_once(student: Student) -> None:
    counts = [
        student.show(picture).face_count
        for picture in (NEAR, NEAR, pictures.snow(), pictures.snow(), NEAR)
    ]
    assert counts == [1, 1, 0, 0, 1]


def test_a_face_that_jumps_is_found_in_the_same_frame(student: Student) -> None:
    student.show(pictures.panned(150, 0))
    assert student.show(pictures.panned(-150, 0)).face_count == 1


def test_another_shape_of_the_picture_starts_anew(student: Student) -> None:
    for size in [(640, 480), (480, 640), (1280, 720)]:
        observation = student.show(pictures.panned(0, 0, size=size))
        assert observation.face_count == 1
    assert student.models.looks == 3


def test_a_publisher_that_scales_down_is_followed_without_a_look(student: Student) -> None:
    sizes = [
        face_size(student.show(pictures.panned(0, 0, size=size))) * 640 / size[0]
        for size in [(640, 480), (480, 360), (318, 240), (640, 480)]
    ]
    assert sizes == pytest.approx([sizes[0]] * 4, rel=0.03)
    assert student.models.looks == 1


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("sigma", [0.0, 6.0, 15.0])
def test_near_or_far_clean_or_noisy_the_face_is_there(
    student: Student, zoom: float, sigma: float
) -> None:
    picture = pictures.noisy(pictures.panned(35, -120 + 60 / zoom, zoom), sigma)
    assert face_size(student.show(picture)) == pytest.approx(56.5 * zoom, rel=0.08)


@pytest.mark.parametrize("pixel_format", ["yuvj420p", "nv12", "rgb24", "yuv444p"])
def test_the_pixel_format_makes_no_difference(student: Student, pixel_format: str) -> None:
    expected = face_size(student.show(NEAR))
    assert face_size(student.show(NEAR, pixel_format)) == pytest.approx(expected, rel=0.02)


def test_two_faces_are_two(student: Student) -> None:
    observation = student.show(beside(NEAR, NEAR))
    assert observation.face_count == 2
    assert observation.second_inter_ocular_px == pytest.approx(56.5, rel=0.05)


def test_a_second_face_is_noticed_in_a_second_and_its_leaving_at_once(student: Student) -> None:
    alone = beside(NEAR, np.full_like(NEAR, 128))
    first = [student.show(alone).face_count for _ in range(5)]
    both = [student.show(beside(NEAR, NEAR)).face_count for _ in range(15)]
    looks = student.models.looks
    after = [student.show(alone).face_count for _ in range(4)]
    assert first == [1] * 5
    assert both[-5:] == [2] * 5
    assert after == [1] * 4
    assert student.models.looks <= looks + 2


def test_the_larger_face_is_the_student(student: Student) -> None:
    observation = student.show(beside(FAR, NEAR))
    assert observation.face_count == 2
    second = observation.second_inter_ocular_px
    assert second is not None
    assert second < 0.7 * face_size(observation)
    assert face_size(observation) == pytest.approx(56.5, rel=0.05)


def test_the_student_stays_the_student_when_a_like_face_joins(student: Student) -> None:
    slightly_nearer = pictures.panned(35, -110, 1.2)
    alone = beside(NEAR, np.full_like(NEAR, 128))
    size = face_size(student.show(alone))
    for _ in range(15):
        observation = student.show(beside(NEAR, slightly_nearer))
        assert face_size(observation) == pytest.approx(size, rel=0.03)
    assert observation.face_count == 2


def test_a_much_nearer_face_takes_the_place_of_a_poster(student: Student) -> None:
    alone = beside(FAR, np.full_like(NEAR, 128))
    poster = face_size(student.show(alone))
    for _ in range(15):
        observation = student.show(beside(FAR, NEAR))
    assert face_size(observation) > 1.5 * poster
    assert observation.face_count == 2


def test_a_far_face_is_found_and_then_followed(student: Student) -> None:
    for _ in range(10):
        assert face_size(student.show(pictures.panned(35, 0, 0.35))) == pytest.approx(19, abs=2)
    assert student.models.looks == 1


def test_an_empty_room_is_looked_over_for_far_faces_once_a_second(student: Student) -> None:
    for _ in range(30):
        student.show(pictures.black())
    assert student.models.looks == 30
    assert student.models.far_looks == pytest.approx(3, abs=1)


def test_a_clock_that_goes_back_does_not_stop_the_looks(student: Student) -> None:
    student.time = 1000.0
    student.show(beside(NEAR, np.full_like(NEAR, 128)))
    student.time = 0.0
    assert student.show(beside(NEAR, NEAR)).face_count == 2


def test_a_jpeg_is_a_frame_and_a_damaged_one_changes_nothing(student: Student) -> None:
    jpeg = pictures.jpeg(NEAR)
    seen = student.track.observe(student.models, Frame(0.0, 0.0, jpeg), 0.0)
    with pytest.raises(FrameRefused):
        student.track.observe(student.models, Frame(0.1, 0.1, jpeg[:-99]), 0.1)
    again = student.track.observe(student.models, Frame(0.2, 0.2, jpeg), 0.2)
    assert face_size(again) == pytest.approx(face_size(seen), rel=0.02)
    assert student.models.looks == 1
