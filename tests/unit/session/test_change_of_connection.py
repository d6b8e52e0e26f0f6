"""A change of connection loses nothing, and books nothing wrong."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rtc_server.base.config import SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed
from rtc_server.media.source import Load
from rtc_server.metrics import wire
from rtc_server.store.model import SessionState
from tests.fakes.scripted_transport import ScriptedTransport
from tests.fakes.stage import Stage

HIDDEN = '{"v":1,"type":"visibility","state":"hidden"}'
VISIBLE = '{"v":1,"type":"visibility","state":"visible"}'
PAUSE = '{"v":1,"type":"pause"}'
RESUME = '{"v":1,"type":"resume"}'
CALIBRATE = '{"v":1,"type":"calibrate"}'


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage(SessionConfig(reconnect_grace=30.0, store_retry=0.01))
    stage.vision.sit_down()
    yield stage
    if stage.running is not None and not stage.running.done():
        stage.session.ask_to_end(EndReason.CLIENT_BYE)
        await stage.running


async def lose(stage: Stage, transport: ScriptedTransport, seconds: float) -> None:
    """The connection breaks, and nobody is there for so long."""
    transport.lost.set_result(EndReason.PEER_LOST)
    await transport.closing.wait()
    stage.clock.seconds += seconds


# ------------------------------------------------------------ marks


@pytest.mark.parametrize("mark", [HIDDEN, PAUSE, CALIBRATE])
async def test_a_mark_ends_with_the_connection_that_made_it(stage: Stage, mark: str) -> None:
    first = stage.attach()
    await stage.stream(first, 5.0)
    await stage.say(first, mark)
    await lose(stage, first, 3.0)
    second = stage.attach()
    await stage.stream(second, 10.0)
    summary = await stage.bye()
    unknown = {cause for cause, seconds in summary.unknown_by_cause.items() if seconds > 0.001}
    assert unknown == {"reconnecting"}
    assert summary.unknown_time == pytest.approx(3.0)
    assert summary.focused_time == pytest.approx(15.0)


async def test_a_mark_ends_also_where_another_worker_goes_on(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 5.0)
    await stage.say(first, HIDDEN)
    stage.session.ask_to_end(EndReason.DRAINED)
    assert stage.running is not None
    await stage.running
    other = Stage(SessionConfig(reconnect_grace=30.0), 8.0, 5.0, stage.row.checkpoints[-1][1])
    other.vision.sit_down()
    await other.stream(other.attach(), 10.0)
    summary = await other.bye()
    assert summary.elapsed == pytest.approx(18.0)
    assert summary.unknown_by_cause.get("hidden", 0.0) == 0.0
    assert summary.focused_time == pytest.approx(15.0)


async def test_a_mark_that_is_declared_anew_holds_on(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 5.0)
    await stage.say(first, PAUSE)
    await lose(stage, first, 3.0)
    second = stage.attach()
    await stage.say(second, PAUSE)
    stage.clock.seconds += 7.0
    await stage.say(second, RESUME)
    await stage.stream(second, 5.0)
    summary = await stage.bye()
    assert summary.unknown_by_cause["reconnecting"] == pytest.approx(3.0)
    assert summary.unknown_by_cause["muted"] == pytest.approx(7.0)
    assert summary.elapsed == pytest.approx(20.0)


async def test_a_client_that_pauses_without_a_frame_is_there(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 1.0)
    await lose(stage, first, 3.0)
    second = stage.attach()
    await stage.say(second, PAUSE)
    status = stage.session.status()
    assert (status.state, status.cause) == (SessionState.LIVE, "muted")


async def test_who_was_hidden_before_is_idle_now(stage: Stage) -> None:
    first = stage.attach(patience=0.05)
    await stage.stream(first, 1.0)
    await stage.say(first, HIDDEN)
    await lose(stage, first, 1.0)
    stage.attach(patience=0.05)
    reason, _ = await stage.end()
    assert reason is EndReason.IDLE


async def test_a_resume_on_the_older_connection_counts_while_the_newer_is_made(
    stage: Stage,
) -> None:
    older = stage.attach()
    await stage.stream(older, 1.0)
    await stage.say(older, PAUSE)
    newer = ScriptedTransport()
    newer.connecting.clear()
    stage.offer(newer)
    await stage.say(older, RESUME)
    assert stage.session.status().cause != "muted"
    newer.connecting.set()
    await older.closing.wait()
    await stage.stream(newer, 5.0)
    summary = await stage.bye()
    assert summary.unknown_by_cause.get("muted", 0.0) == 0.0
    assert summary.focused_time == pytest.approx(6.0)


async def test_a_word_for_what_was_not_marked_books_nothing(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 2.0)
    for _ in range(20):
        stage.clock.seconds += 0.9
        await stage.say(transport, VISIBLE)
        await stage.say(transport, RESUME)
    summary = await stage.bye()
    assert summary.focused_time == pytest.approx(2.0)


# ------------------------------------------------------------ the newer first


async def test_the_newer_is_served_while_the_older_closes(stage: Stage) -> None:
    older = stage.offer(ScriptedTransport(closes_within=3.0))
    await stage.stream(older, 1.0)
    newer = stage.attach()
    await older.closing.wait()
    stage.clock.seconds += 0.1
    async with asyncio.timeout(2.0):
        await stage.stream(newer, 1.0)
    assert not older.closed.is_set()
    summary = await stage.bye()
    assert older.closed.is_set()
    assert summary.focused_time == pytest.approx(2.1)


async def test_a_slow_store_keeps_no_connection_waiting(stage: Stage) -> None:
    older = stage.attach()
    await stage.stream(older, 1.0)
    stage.row.lasts = 2.0
    await lose(stage, older, 2.0)
    newer = stage.attach()
    async with asyncio.timeout(1.0):
        await stage.stream(newer, 1.0)
    stage.row.lasts = 0.0


async def test_of_many_offers_the_newest_is_served_and_the_others_are_closed(
    stage: Stage,
) -> None:
    before = len(asyncio.all_tasks())
    first = stage.attach()
    await stage.stream(first, 1.0)
    offers = [ScriptedTransport() for _ in range(40)]
    for offer in offers:
        offer.connecting.clear()
        stage.offer(offer)
        await asyncio.sleep(0)
    for offer in offers[:-1]:
        await offer.closed.wait()
    assert not first.closing.is_set()
    offers[-1].connecting.set()
    await first.closed.wait()
    stage.clock.seconds += 0.1
    await stage.stream(offers[-1], 1.0)
    await stage.bye()
    assert offers[-1].closed.is_set()
    assert len(asyncio.all_tasks()) == before


async def test_an_offer_that_comes_while_the_session_settles_is_refused(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    stage.row.lasts = 0.2
    stage.row.entered.clear()
    transport.inbox.put_nowait('{"v":1,"type":"bye"}')
    await stage.row.entered.wait()
    with pytest.raises(SessionClosed):
        stage.session.attach(ScriptedTransport())
    assert not stage.row.ended
    assert stage.running is not None
    await stage.running


async def test_a_fault_while_settling_leaves_no_connection(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    stage.row.broken = True
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    assert stage.running is not None
    with pytest.raises(ZeroDivisionError):
        await stage.running
    assert transport.closed.is_set()


# ------------------------------------------------------------ advice, gaps, deadlines


async def test_advice_is_told_again_on_each_connection(stage: Stage) -> None:
    first = ScriptedTransport()
    first.load = Load(pixels=1280 * 720, received_bytes=0)
    stage.offer(first)
    stage.session.limit(5.0, "overload")
    await stage.stream(first, 1.0)
    await lose(stage, first, 1.0)
    second = ScriptedTransport()
    second.load = first.load
    stage.offer(second)
    assert wire.decode_server(await second.control.get()).type == "hello"
    advice = wire.decode_server(await second.control.get())
    assert isinstance(advice, wire.Advice)
    assert (advice.max_fps, advice.reason) == (5.0, "overload")
    assert second.frames.max_fps == 5.0


async def test_time_before_the_first_frame_of_a_connection_is_not_judged(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 5.0)
    await lose(stage, first, 1.0)
    second = stage.attach()
    await second.control.get()
    for _ in range(10):
        stage.clock.seconds += 0.9
        await stage.say(second, VISIBLE)
        await stage.say(second, RESUME)
    await stage.stream(second, 5.0)
    summary = await stage.bye()
    assert summary.unknown_by_cause["reconnecting"] == pytest.approx(10.0)
    assert summary.focused_time == pytest.approx(10.0)


async def test_the_row_and_the_session_wait_equally_long(stage: Stage) -> None:
    transport = stage.offer(ScriptedTransport(closes_within=0.5))
    await stage.stream(transport, 1.0)
    written = asyncio.create_task(stage.row.is_written_as(SessionState.RECONNECTING))
    await asyncio.sleep(0)
    transport.lost.set_result(EndReason.PEER_LOST)
    _, expires_in = await written
    left = stage.session._gives_up_at - asyncio.get_running_loop().time()
    assert left <= expires_in <= 30.0
    assert expires_in == pytest.approx(left, abs=0.3)


async def test_a_connection_that_comes_keeps_the_row_at_once(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 1.0)
    await lose(stage, first, 1.0)
    second = ScriptedTransport()
    second.connecting.clear()
    written = asyncio.create_task(stage.row.is_written_as(SessionState.RECONNECTING))
    await asyncio.sleep(0)
    stage.offer(second)
    while (await written)[1] <= 30.0:
        written = asyncio.create_task(stage.row.is_written_as(SessionState.RECONNECTING))
