"""What front processes hear of a worker that they share."""

import asyncio

from rtc_server.cluster.event_queues import AT_ONCE, FORGOTTEN, WAITING, EventQueues
from tests.fakes.clock import HandClock


async def test_those_who_follow_a_session_hear_what_it_says() -> None:
    queues = EventQueues(HandClock())
    queues.follow("a", "s")
    assert await queues.hear("b", 0.0) == []
    queues.tell("s", "hello")
    assert await queues.hear("a", 1.0) == [("message", "s", "hello")]
    assert await queues.hear("b", 0.0) == []


async def test_a_question_is_answered_as_soon_as_there_is_something() -> None:
    queues = EventQueues(HandClock())
    queues.follow("a", "s")
    asking = asyncio.create_task(queues.hear("a", 60.0))
    await asyncio.sleep(0)
    queues.tell("s", "now")
    assert await asyncio.wait_for(asking, 5.0) == [("message", "s", "now")]


async def test_everybody_hears_that_a_session_is_let_go() -> None:
    queues = EventQueues(HandClock())
    for front in ("a", "b"):
        assert await queues.hear(front, 0.0) == []
    queues.follow("a", "s")
    queues.ended("s")
    queues.ended("t", left=True)
    for front in ("a", "b"):
        assert await queues.hear(front, 1.0) == [("ended", "s", ""), ("left", "t", "")]
    assert not queues.is_followed("s")


async def test_what_waits_is_bounded_and_comes_in_portions() -> None:
    queues = EventQueues(HandClock())
    queues.follow("a", "s")
    for number in range(WAITING + 1):
        queues.tell("s", str(number))
    heard: list[str] = []
    while portion := await queues.hear("a", 0.0):
        assert len(portion) <= AT_ONCE
        heard += [text for _, _, text in portion]
    assert heard == [str(number) for number in range(1, WAITING + 1)]


async def test_a_front_process_that_asks_no_more_is_forgotten() -> None:
    clock = HandClock()
    queues = EventQueues(clock)
    queues.follow("gone", "s")
    clock.seconds += FORGOTTEN + 1.0
    await queues.hear("here", 0.0)
    assert not queues.is_followed("s")


async def test_one_listener_less_leaves_the_others() -> None:
    queues = EventQueues(HandClock())
    for front in ("a", "b"):
        queues.follow(front, "s")
    queues.unfollow("a", "s")
    assert queues.is_followed("s")
    queues.unfollow("b", "s")
    assert not queues.is_followed("s")
    queues.unfollow("b", "s")
    assert not queues.is_followed("s")


async def test_a_change_answers_a_question_without_an_event() -> None:
    queues = EventQueues(HandClock())
    asking = asyncio.create_task(queues.hear("a", 60.0))
    await asyncio.sleep(0)
    queues.stir()
    assert await asyncio.wait_for(asking, 5.0) == []
    assert await queues.hear("a", 0.0) == []
