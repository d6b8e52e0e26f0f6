import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator

import pytest

from rtc_server.base.config import VisionConfig
from rtc_server.base.errors import FrameRefused
from rtc_server.media.source import Frame
from rtc_server.vision import observer as observer_module
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.observer import Observer
from tests.fakes import pictures


@pytest.fixture
async def observer() -> AsyncIterator[Observer]:
    observer = Observer(VisionConfig(threads=2))
    await observer.start()
    yield observer
    await observer.close()


def frame(picture: pictures.Picture, time: float = 0.0) -> Frame:
    return Frame(time, time, pictures.video_frame(picture))


@pytest.mark.usefixtures("observer")
async def test_start_equips_every_thread() -> None:
    names = [thread.name for thread in threading.enumerate()]
    assert sum(name.startswith("vision") for name in names) == 2


async def test_sessions_side_by_side_keep_their_own_faces(observer: Observer) -> None:
    with_face, without = observer.analyst(), observer.analyst()
    for i in range(5):
        seen, empty = await asyncio.gather(
            with_face.observe(frame(pictures.panned(3 * i, 0), i / 10), i / 10),
            without.observe(frame(pictures.black(), i / 10), i / 10),
        )
        assert (seen.face_count, empty.face_count) == (1, 0)
        assert seen.elapsed == i / 10


async def test_one_tracks_frames_never_run_at_once(observer: Observer) -> None:
    analyst = observer.analyst()
    shown = [analyst.observe(frame(pictures.panned(3 * i, 0), i / 10), i / 10) for i in range(8)]
    assert [observation.face_count for observation in await asyncio.gather(*shown)] == [1] * 8


async def test_the_loop_runs_on_while_a_frame_is_analysed(observer: Observer) -> None:
    work = asyncio.create_task(observer.analyst().observe(frame(pictures.astronaut()), 0.0))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3


async def test_a_refused_frame_is_the_callers_to_know(observer: Observer) -> None:
    with pytest.raises(FrameRefused):
        await observer.analyst().observe(Frame(0.0, 0.0, b"no picture"), 0.0)


async def test_close_lets_go_of_threads_and_may_be_repeated() -> None:
    observer = Observer(VisionConfig(threads=2))
    await observer.start()
    await observer.close()
    await observer.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("vision")]


async def test_start_fails_where_the_models_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads = 0

    def fail_the_second_time() -> FaceModels:
        nonlocal loads
        loads += 1
        if loads > 1:
            raise OSError("no such model")
        return FaceModels()

    monkeypatch.setattr(observer_module, "FaceModels", fail_the_second_time)
    observer = Observer(VisionConfig(threads=2))
    with pytest.raises(OSError, match="no such model"):
        await observer.start()
    await observer.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("vision")]


def test_every_thread_of_a_fresh_process_can_load_at_once() -> None:
    script = (
        "import asyncio\n"
        "from rtc_server.base.config import VisionConfig\n"
        "from rtc_server.vision.observer import Observer\n"
        "async def main():\n"
        "    observer = Observer(VisionConfig(threads=4))\n"
        "    await observer.start()\n"
        "    await observer.close()\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=50)
