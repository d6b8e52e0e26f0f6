import asyncio
from collections.abc import AsyncIterator

import av
import pytest

from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SourceEnded
from rtc_server.media.sampler import Sampler
from rtc_server.media.source import Frame
from tests.fakes.clock import HandClock


class Still:
    """A picture that nobody decodes."""

    width = None

    def decode(self) -> av.VideoFrame:
        raise NotImplementedError


class Camera:
    """A stream and the clock that its pictures arrive by."""

    def __init__(self, max_fps: float = 10.0) -> None:
        self.clock = HandClock()
        self.sampler = Sampler(self.clock, max_fps)

    def give(self, stamp: float) -> Still:
        """Show it the stream's next picture."""
        still = Still()
        self.sampler.offer(still, stamp)
        return still

    async def run(self, fps: float, seconds: float, first: float = 0.0) -> list[Frame]:
        """Publish, with a consumer that is always ready."""
        seen: list[Frame] = []
        consumer = asyncio.create_task(self._consume(seen))
        start = self.clock.seconds
        for i in range(round(fps * seconds)):
            self.clock.seconds = start + i / fps
            self.give(first + i / fps)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        self.clock.seconds = start + seconds
        consumer.cancel()
        await asyncio.gather(consumer, return_exceptions=True)
        return seen

    async def _consume(self, seen: list[Frame]) -> None:
        while True:
            seen.append(await self.sampler.next())


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    camera = Camera()
    yield camera
    await camera.sampler.close()


@pytest.mark.parametrize("fps", [30, 29.97, 25, 24, 15, 10])
async def test_ten_frames_a_second_reach_the_consumer(camera: Camera, fps: float) -> None:
    assert len(await camera.run(fps, 20)) / 20 == pytest.approx(10.0, abs=0.05)
    assert camera.sampler.dropped == 0


async def test_a_due_frame_wakes_the_consumer_at_once(camera: Camera) -> None:
    waiting = asyncio.create_task(camera.sampler.next())
    given = camera.give(3.0)
    frame = await waiting
    assert frame.image is given
    assert frame.media_time == frame.received_at == camera.clock.seconds


async def test_a_slow_consumer_gets_the_newest_due_frame(camera: Camera) -> None:
    for i in range(10):
        camera.clock.seconds += 0.1
        newest = camera.give(i / 10)
    assert (await camera.sampler.next()).image is newest
    assert camera.sampler.dropped == 9
    assert camera.sampler.received == 10


async def test_pictures_that_the_network_held_back_are_all_handed_on(camera: Camera) -> None:
    camera.clock.seconds += 0.3
    held = [camera.give(i / 10) for i in range(3)]
    camera.clock.seconds += 0.05
    assert [(await camera.sampler.next()).image for _ in held] == held
    assert camera.sampler.dropped == 0


async def test_of_a_longer_burst_the_newest_are_handed_on(camera: Camera) -> None:
    held = [camera.give(i / 10) for i in range(8)]
    assert [(await camera.sampler.next()).image for _ in range(3)] == held[-3:]
    assert camera.sampler.dropped == 5


async def test_what_waited_for_a_period_gives_way_to_what_is_newer(camera: Camera) -> None:
    for i in range(3):
        newest = camera.give(i / 10)
    camera.clock.seconds += 0.1
    assert (await camera.sampler.next()).image is newest
    assert camera.sampler.dropped == 2


async def test_a_publisher_that_starts_anew_is_followed(camera: Camera) -> None:
    began = camera.clock.seconds
    first = await camera.run(30, 5, first=1000.0)
    second = await camera.run(30, 5, first=0.0)
    times = [frame.media_time for frame in first + second]
    assert len(second) == pytest.approx(50, abs=2)
    assert times == sorted(times)
    assert times[-1] - began == pytest.approx(9.9, abs=0.1)


async def test_the_rate_may_be_changed_while_running(camera: Camera) -> None:
    camera.sampler.max_fps = 5
    assert len(await camera.run(30, 10)) == pytest.approx(50, abs=1)
    camera.sampler.max_fps = 10
    assert len(await camera.run(30, 10, first=10.0)) == pytest.approx(100, abs=1)
    assert camera.sampler.source_fps == pytest.approx(30, abs=0.1)


async def test_the_end_of_the_track_is_told_after_its_last_frame(camera: Camera) -> None:
    camera.give(0.0)
    camera.sampler.end()
    await camera.sampler.next()
    for _ in range(2):
        with pytest.raises(SourceEnded) as ended:
            await camera.sampler.next()
        assert ended.value.reason is EndReason.TRACK_ENDED


async def test_whoever_waits_learns_of_the_end(camera: Camera) -> None:
    waiting = asyncio.create_task(camera.sampler.next())
    camera.sampler.end()
    with pytest.raises(SourceEnded):
        await waiting


async def test_close_releases_whoever_waits_and_may_be_repeated(camera: Camera) -> None:
    waiting = asyncio.create_task(camera.sampler.next())
    await asyncio.sleep(0)
    await camera.sampler.close()
    await camera.sampler.close()
    with pytest.raises(SourceEnded) as ended:
        await waiting
    assert ended.value.reason is EndReason.TRACK_ENDED


async def test_nothing_is_taken_after_the_end(camera: Camera) -> None:
    camera.sampler.end()
    camera.give(0.0)
    with pytest.raises(SourceEnded):
        await camera.sampler.next()
