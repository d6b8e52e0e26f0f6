"""Pictures that come one by one: the newest wins, and no more than the limit."""

import asyncio
import math

from rtc_server.base.stats import Stats
from rtc_server.media.pushed_frames import PushedFrames


async def push(frames: PushedFrames, count: int, fps: float) -> int:
    """Push so many at this rate, each taken and answered at once; how many were."""
    answered = 0
    for number in range(count):
        reading = frames.push(b"jpeg", number / fps)
        if not reading.done():
            await frames.next()
            frames.answer("read")
            answered += 1
        assert await reading in {None, "read"}
    return answered


async def test_without_a_limit_every_picture_is_handed_on() -> None:
    frames = PushedFrames()
    assert frames.max_fps == math.inf
    assert await push(frames, 50, 25.0) == 50


async def test_a_limit_holds_the_rate_and_answers_the_rest_with_nothing() -> None:
    stats = Stats()
    frames = PushedFrames(stats)
    frames.max_fps = 5.0
    answered = await push(frames, 100, 10.0)
    assert 48 <= answered <= 52
    assert stats.received == 100
    assert stats.dropped == {"pace": 100 - answered}


async def test_a_newer_picture_takes_the_place_of_one_that_waits() -> None:
    stats = Stats()
    frames = PushedFrames(stats)
    older, newer = frames.push(b"a", 0.0), frames.push(b"b", 0.1)
    assert await older is None
    assert (await frames.next()).image == b"b"
    frames.answer("b")
    async with asyncio.timeout(1):
        assert await newer == "b"
    assert stats.dropped == {"newer": 1}
