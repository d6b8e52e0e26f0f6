import threading
from collections.abc import Iterator

import numpy as np
import pytest

from rtc_server.vision.landmarks import FaceModels
from tests.fakes import pictures


@pytest.fixture(scope="module")
def models() -> Iterator[FaceModels]:
    models = FaceModels()
    yield models
    models.close()


def test_nothing_is_kept_between_two_frames(models: FaceModels) -> None:
    picture = pictures.seen(pictures.astronaut())
    region = models.faces(picture)[0]
    before = models.mesh(picture, region)
    models.mesh(pictures.seen(pictures.snow()), region)
    models.faces(pictures.seen(pictures.black()))
    after = models.mesh(picture, region)
    assert np.array_equal(before.points, after.points)


def test_a_face_is_told_from_what_is_none(models: FaceModels) -> None:
    region = models.faces(pictures.seen(pictures.astronaut()))[0]
    assert models.mesh(pictures.seen(pictures.astronaut()), region).presence > 0.99
    for picture in (pictures.seen(pictures.black()), pictures.seen(pictures.snow())):
        mesh = models.mesh(picture, region)
        assert not mesh.is_face
        assert mesh.presence < 0.01


def test_nobody_is_in_an_empty_picture(models: FaceModels) -> None:
    assert models.faces(pictures.seen(pictures.black())) == []


def test_a_picture_of_any_size_will_do(models: FaceModels) -> None:
    for size in [(480, 640), (321, 241), (1280, 720), (160, 120)]:
        picture = pictures.seen(pictures.panned(0, 0, size=size))
        [region] = models.faces(picture)
        assert models.mesh(picture, region).is_face


def test_two_threads_with_a_graph_each_do_not_disturb_each_other(models: FaceModels) -> None:
    picture = pictures.seen(pictures.astronaut())
    region = models.faces(picture)[0]
    expected = models.mesh(picture, region).points
    equal: list[bool] = []

    def work() -> None:
        own = FaceModels()
        equal.extend(np.array_equal(own.mesh(picture, region).points, expected) for _ in range(20))
        own.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert equal == [True] * 40


def test_other_threads_run_while_a_face_is_looked_at(models: FaceModels) -> None:
    picture = pictures.seen(pictures.astronaut())
    region = models.faces(picture)[0]
    turns, done = 0, threading.Event()

    def work() -> None:
        for _ in range(30):
            models.mesh(picture, region)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.wait(0.0005):
        turns += 1
    thread.join()
    assert turns > 30


def test_close_may_be_repeated() -> None:
    models = FaceModels()
    models.close()
    models.close()
