import threading
from collections.abc import Iterator

import numpy as np
import pytest

from rtc_server.vision.landmarks import FaceGraph
from rtc_server.vision.region import Region
from tests.fakes import pictures
from tests.fakes.bare_face_mesh import bare_face_mesh, landmarks

SIZE = (640, 480)


@pytest.fixture(scope="module")
def graph() -> Iterator[FaceGraph]:
    graph = FaceGraph()
    yield graph
    graph.close()


def test_the_landmarks_are_those_of_face_mesh(graph: FaceGraph) -> None:
    face_mesh = bare_face_mesh(refine_landmarks=True)
    region = graph.faces(pictures.astronaut())[0]
    for i in range(10):
        picture = pictures.panned(4 * i, -3 * i, 1 + 0.03 * i)
        mesh = graph.mesh(picture, region)
        expected = landmarks(face_mesh.process(picture).multi_face_landmarks[0])
        assert mesh.points.shape == expected.shape == (478, 3)
        assert np.abs(mesh.points - expected).max() * 640 < 0.25
        region = Region.around(mesh.points, SIZE)
    face_mesh.close()


def test_the_first_frame_is_equal_to_the_last_bit_or_so(graph: FaceGraph) -> None:
    face_mesh = bare_face_mesh(refine_landmarks=True, static_image_mode=True)
    picture = pictures.noisy(pictures.panned(10, 5, 1.3), 4)
    mesh = graph.mesh(picture, graph.faces(picture)[0])
    expected = landmarks(face_mesh.process(picture).multi_face_landmarks[0])
    assert mesh.points == pytest.approx(expected, abs=1e-6)
    face_mesh.close()


def test_nothing_is_kept_between_two_frames(graph: FaceGraph) -> None:
    picture = pictures.astronaut()
    region = graph.faces(picture)[0]
    before = graph.mesh(picture, region)
    graph.mesh(pictures.snow(), region)
    graph.faces(pictures.black())
    after = graph.mesh(picture, region)
    assert np.array_equal(before.points, after.points)


def test_a_face_is_told_from_what_is_none(graph: FaceGraph) -> None:
    region = graph.faces(pictures.astronaut())[0]
    assert graph.mesh(pictures.astronaut(), region).presence > 0.99
    for picture in (pictures.black(), pictures.snow()):
        mesh = graph.mesh(picture, region)
        assert not mesh.is_face
        assert mesh.presence < 0.01


def test_nobody_is_in_an_empty_picture(graph: FaceGraph) -> None:
    assert graph.faces(pictures.black()) == []


def test_a_picture_of_any_size_will_do(graph: FaceGraph) -> None:
    for size in [(480, 640), (321, 241), (1280, 720), (160, 120)]:
        picture = np.ascontiguousarray(pictures.panned(0, 0, size=size))
        [region] = graph.faces(picture)
        assert graph.mesh(picture, region).is_face


def test_two_threads_with_a_graph_each_do_not_disturb_each_other(graph: FaceGraph) -> None:
    picture = pictures.astronaut()
    region = graph.faces(picture)[0]
    expected = graph.mesh(picture, region).points
    equal: list[bool] = []

    def work() -> None:
        own = FaceGraph()
        equal.extend(np.array_equal(own.mesh(picture, region).points, expected) for _ in range(20))
        own.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert equal == [True] * 40


def test_other_threads_run_while_a_face_is_looked_at(graph: FaceGraph) -> None:
    picture = pictures.astronaut()
    region = graph.faces(picture)[0]
    turns, done = 0, threading.Event()

    def work() -> None:
        for _ in range(30):
            graph.mesh(picture, region)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.wait(0.0005):
        turns += 1
    thread.join()
    assert turns > 30


def test_close_may_be_repeated() -> None:
    graph = FaceGraph()
    graph.close()
    graph.close()
