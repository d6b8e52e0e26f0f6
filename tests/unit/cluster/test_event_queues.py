"""What front processes hear of a worker that they share."""

import asyncio

from rtc_server.cluster.event_queues import AT_ONCE, FORGOTTEN, WAITING, EventQueues
from tests.fakes.clock import HandClock


async def test_those_who_follow_a_session_hear_what_it_says() -> None:
    audience = EventQueues(HandClock())
    audience.follow("a", "s")
    assert await audience.hear("b", 0.0) == []
    audience.tell("s", "hello")
    assert await audience.hear("a", 1.0) == [("message", "s", "hello")]
    assert await audience.hear("b", 0.0) == []


async def test_a_question_is_answered_as_soon_as_there_is_something() -> None:
    audience = EventQueues(HandClock())
    audience.follow("a", "s")
    asking = asyncio.create_task(audience.hear("a", 60.0))
    await asyncio.sleep(0)
    audience.tell("s", "now")
    assert await asyncio.wait_for(asking, 5.0) == [("message", "s", "now")]


async def test_everybody_hears_that_a_session_is_let_go() -> None:
    audience = EventQueues(HandClock())
    for front in ("a", "b"):
        assert await audience.hear(front, 0.0) == []
    audience.follow("a", "s")
    audience.ended("s")
    audience.ended("t", left=True)
    for front in ("a", "b"):
        assert await audience.hear(front, 1.0) == [("ended", "s", ""), ("left", "t", "")]
    assert not audience.is_followed("s")


async def test_what_waits_is_bounded_and_comes_in_portions() -> None:
    audience = EventQueues(HandClock())
    audience.follow("a", "s")
    for number in range(WAITING + 1):
        audience.tell("s", str(number))
    heard: list[str] = []
    while portion := await audience.hear("a", 0.0):
        assert len(portion) <= AT_ONCE
        heard += [text for _, _, text in portion]
    assert heard == [str(number) for number in range(1, WAITING + 1)]


async def test_a_front_process_that_asks_no_more_is_forgotten() -> None:
    clock = HandClock()
    audience = EventQueues(clock)
    audience.follow("gone", "s")
    clock.seconds += FORGOTTEN + 1.0
    await audience.hear("here", 0.0)
    assert not audience.is_followed("s")


async def test_one_listener_less_leaves_the_others() -> None:
    audience = EventQueues(HandClock())
    for front in ("a", "b"):
        audience.follow(front, "s")
    audience.unfollow("a", "s")
    assert audience.is_followed("s")
    audience.unfollow("b", "s")
    assert not audience.is_followed("s")
    audience.unfollow("b", "s")
    assert not audience.is_followed("s")


async def test_a_change_answers_a_question_without_an_event() -> None:
    audience = EventQueues(HandClock())
    asking = asyncio.create_task(audience.hear("a", 60.0))
    await asyncio.sleep(0)
    audience.stir()
    assert await asyncio.wait_for(asking, 5.0) == []
    assert await audience.hear("a", 0.0) == []
