"""The life of a session, with a scripted transport, vision and row at its seams."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rtc_server.base.config import SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed
from rtc_server.media.source import Load
from rtc_server.metrics import wire
from rtc_server.session.overuse import PATIENCE
from rtc_server.store.model import SessionState
from tests.fakes.scripted_transport import ScriptedTransport
from tests.fakes.stage import GRACE, Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage(SessionConfig(reconnect_grace=GRACE, store_retry=0.01))
    yield stage
    if stage.running is not None and not stage.running.done():
        stage.session.ask_to_end(EndReason.ERROR)
        await stage.running


async def test_hello_comes_first_and_names_the_session(stage: Stage) -> None:
    transport = stage.attach()
    hello = wire.decode_server(await transport.control.get())
    assert isinstance(hello, wire.Hello)
    assert hello.session_id == "s-1"


async def test_each_frame_gives_one_message_with_a_seq_of_its_own(stage: Stage) -> None:
    transport = stage.attach()
    last = await stage.stream(transport, 1.0)
    assert last.seq == 11
    assert last.metrics.frames_processed == 11


async def test_bye_settles_the_time_to_the_bye_and_sends_the_summary(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 3.0)
    stage.clock.seconds += 0.5
    transport.inbox.put_nowait('{"v":1,"type":"bye"}')
    reason, summary = await stage.end()
    assert reason is EndReason.CLIENT_BYE
    assert summary.elapsed == pytest.approx(3.5)
    booked = summary.focused_time + summary.unfocused_time + summary.unknown_time
    assert booked == pytest.approx(summary.elapsed)
    await transport.control.get()
    told = wire.decode_server(await transport.control.get())
    assert isinstance(told, wire.Summary)
    assert told.end_reason == "client_bye"
    assert transport.closed.is_set()


async def test_a_room_without_a_face_is_never_focused(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 5.0)
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    _, summary = await stage.end()
    assert summary.focused_time == 0
    assert summary.unfocused_by_cause["no_face"] == pytest.approx(5.0)


async def test_a_lost_peer_ends_after_the_grace_at_its_last_frame(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 2.0)
    stage.clock.seconds += 60
    transport.lost.set_result(EndReason.PEER_LOST)
    reason, summary = await stage.end()
    assert reason is EndReason.PEER_LOST
    assert summary.elapsed == pytest.approx(2.0)
    assert SessionState.RECONNECTING in [state for state, _, _ in stage.row.checkpoints]
    assert transport.closed.is_set()


async def test_a_new_link_goes_on_and_the_gap_is_unknown(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 2.0)
    first.frames.end(EndReason.TRACK_ENDED)
    await first.closed.wait()
    stage.clock.seconds += 5
    second = stage.attach()
    last = await stage.stream(second, 2.0)
    second.inbox.put_nowait('{"v":1,"type":"bye"}')
    _, summary = await stage.end()
    assert last.seq == 42
    assert last.media_time == pytest.approx(9.0)
    assert summary.elapsed == pytest.approx(9.0)
    assert summary.unknown_by_cause["reconnecting"] == pytest.approx(5.0)


async def test_who_comes_back_to_say_bye_has_lasted_until_then(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 2.0)
    first.frames.end(EndReason.TRACK_ENDED)
    await first.closed.wait()
    stage.clock.seconds += 5
    second = stage.attach()
    second.inbox.put_nowait('{"v":1,"type":"bye"}')
    reason, summary = await stage.end()
    assert reason is EndReason.CLIENT_BYE
    assert summary.elapsed == pytest.approx(7.0)
    assert summary.unknown_by_cause["reconnecting"] == pytest.approx(5.0)


async def test_what_a_full_store_did_not_take_is_written_while_the_client_is_away() -> None:
    stage = Stage(SessionConfig(reconnect_grace=30.0, store_retry=0.01))
    transport = stage.attach()
    await stage.stream(transport, 2.0)
    stage.row.away = 3
    transport.lost.set_result(EndReason.PEER_LOST)
    await transport.closed.wait()
    stage.row.written.clear()
    await stage.row.written.wait()
    state, snapshot, _ = stage.row.checkpoints[-1]
    assert (state, snapshot["reason"]) == (SessionState.RECONNECTING, "peer_lost")
    assert snapshot["elapsed"] == pytest.approx(2.0)
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    await stage.end()


async def test_the_newer_of_two_links_is_served(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 1.0)
    second = stage.attach()
    await first.closed.wait()
    stage.clock.seconds += 0.1
    assert (await stage.stream(second, 1.0)).seq == 22


async def test_the_older_link_is_served_until_the_newer_is_connected(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 1.0)
    second = ScriptedTransport()
    second.connecting.clear()
    stage.session.attach(second)
    stage.clock.seconds += 0.1
    await stage.stream(first, 1.0)
    assert not first.closed.is_set()
    second.connecting.set()
    await first.closed.wait()
    stage.clock.seconds += 0.1
    assert (await stage.stream(second, 1.0)).seq == 33
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    _, summary = await stage.end()
    assert "reconnecting" not in {c for c, time in summary.unknown_by_cause.items() if time}


async def test_a_newer_link_that_is_never_connected_changes_nothing(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 1.0)
    second = stage.attach(reachable=False)
    await second.closed.wait()
    stage.clock.seconds += 0.1
    assert (await stage.stream(first, 1.0)).seq == 22


async def test_a_link_that_waits_when_the_session_ends_is_closed(stage: Stage) -> None:
    first = stage.attach()
    await stage.stream(first, 1.0)
    second = ScriptedTransport()
    second.connecting.clear()
    stage.session.attach(second)
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    await stage.end()
    assert second.closed.is_set()


async def test_a_link_that_is_there_is_served_even_without_a_grace() -> None:
    stage = Stage(SessionConfig(reconnect_grace=0.0))
    transport = stage.attach()
    assert (await stage.stream(transport, 1.0)).seq == 11
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    reason, _ = await stage.end()
    assert reason is EndReason.CLIENT_BYE


async def test_an_unreachable_peer_ends_as_connect_timeout_without_waiting(stage: Stage) -> None:
    stage.attach(reachable=False)
    reason, summary = await stage.end()
    assert reason is EndReason.CONNECT_TIMEOUT
    assert summary.elapsed == 0


async def test_a_store_that_is_away_delays_the_end_and_loses_nothing(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    stage.row.away = 3
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    reason, _ = await stage.end()
    assert reason is EndReason.CLIENT_BYE
    assert stage.row.away == 0


async def test_draining_leaves_the_session_to_others(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    stage.session.ask_to_end(EndReason.DRAINED)
    assert stage.running is not None
    await stage.running
    state, snapshot, _ = stage.row.checkpoints[-1]
    assert state is SessionState.RECONNECTING
    assert snapshot["reason"] == "drained"
    assert not stage.row.ended
    await transport.control.get()
    notice = wire.decode_server(await transport.control.get())
    assert isinstance(notice, wire.Notice)
    assert notice.code == "draining"


async def test_draining_waits_for_a_store_that_is_away(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    stage.row.away = 3
    stage.session.ask_to_end(EndReason.DRAINED)
    assert stage.running is not None
    await stage.running
    state, snapshot, _ = stage.row.checkpoints[-1]
    assert (state, snapshot["elapsed"]) == (SessionState.RECONNECTING, 1.0)


async def test_a_session_that_is_stopped_without_a_word_is_left_to_others(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    assert stage.running is not None
    stage.running.cancel()
    await asyncio.wait([stage.running])
    assert stage.row.checkpoints[-1][1]["reason"] == "drained"
    assert not stage.row.ended
    assert transport.closed.is_set()


async def test_a_session_taken_over_without_a_frame_keeps_where_it_stood() -> None:
    stage = Stage(SessionConfig(reconnect_grace=GRACE), already_elapsed=30.0, last_frame=20.0)
    transport = stage.attach()
    await transport.control.get()
    stage.clock.seconds += 2.0
    transport.lost.set_result(EndReason.PEER_LOST)
    await stage.end()
    snapshots = [snapshot for _, snapshot, _ in stage.row.checkpoints]
    assert {snapshot["elapsed"] for snapshot in snapshots} == {20.0}
    assert snapshots[0]["silent"] == pytest.approx(10.0, abs=2.0)


async def test_a_session_held_elsewhere_stops_and_writes_nothing(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    stage.row.stale = True
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    assert stage.running is not None
    await stage.running
    assert not stage.row.ended


async def test_an_ended_session_takes_no_link(stage: Stage) -> None:
    stage.attach(reachable=False)
    await stage.end()
    with pytest.raises(SessionClosed):
        stage.session.attach(ScriptedTransport())


async def test_a_frame_that_cannot_be_analysed_is_refused_and_the_session_goes_on(
    stage: Stage,
) -> None:
    transport = stage.attach()
    stage.vision.refuses = 1
    transport.frames.put(stage.clock.seconds)
    stage.clock.seconds += 0.1
    assert (await stage.stream(transport, 1.0)).seq == 11
    assert await transport.refused.get() == "frame_corrupt"


async def test_a_message_that_is_none_is_answered_and_the_session_goes_on(stage: Stage) -> None:
    transport = stage.attach()
    await transport.control.get()
    transport.inbox.put_nowait("{]")
    notice = wire.decode_server(await transport.control.get())
    assert isinstance(notice, wire.Notice)
    assert notice.code == "bad_message"
    transport.inbox.put_nowait('{"v":1,"type":"ping","t":12.5}')
    pong = wire.decode_server(await transport.control.get())
    assert pong == wire.Pong(t=12.5)


async def test_the_samples_of_all_seconds_are_written_once(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 5.0)
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    await stage.end()
    assert [sample.second for sample in stage.row.samples] == list(range(6))


async def test_the_first_frame_is_in_a_checkpoint_at_once(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 0.1)
    while not stage.row.frames_kept:
        await stage.row.written.wait()
        stage.row.written.clear()
    assert stage.row.frames_kept in {1, 2}


async def test_consent_is_written_even_if_the_store_was_away(stage: Stage) -> None:
    transport = stage.attach()
    await transport.control.get()
    stage.row.away = 2
    await stage.say(transport, '{"v":1,"type":"consent","version":"2026-11"}')
    await stage.row.has_consent("2026-11")
    assert stage.row.consents == ["2026-11"]


async def test_a_store_that_is_away_keeps_no_answer_back(stage: Stage) -> None:
    transport = stage.attach()
    stage.row.away = 1000
    await stage.say(transport, '{"v":1,"type":"consent","version":"2026-11"}')
    transport.inbox.put_nowait('{"v":1,"type":"bye"}')
    stage.row.away = 1
    reason, _ = await stage.end()
    assert reason is EndReason.CLIENT_BYE
    assert stage.row.consents == ["2026-11"]


async def test_no_frame_is_analysed_before_a_consent_that_is_required() -> None:
    stage = Stage(SessionConfig(reconnect_grace=GRACE, require_consent=True))
    transport = stage.attach()
    transport.frames.put(stage.clock.seconds)
    await transport.control.get()
    assert await transport.refused.get() == "consent_required"
    assert stage.meter.frames_processed == 0
    await stage.say(transport, '{"v":1,"type":"consent","version":"2026-11"}')
    await stage.row.has_consent("2026-11")
    assert (await stage.stream(transport, 1.0)).seq == 11
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    await stage.end()


async def test_hidden_time_is_unknown(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 1.0)
    transport.inbox.put_nowait('{"v":1,"type":"visibility","state":"hidden"}')
    transport.inbox.put_nowait('{"v":1,"type":"ping","t":0}')
    await transport.control.get()
    await transport.control.get()
    stage.clock.seconds += 0.1
    await stage.stream(transport, 4.0)
    stage.session.ask_to_end(EndReason.CLIENT_BYE)
    _, summary = await stage.end()
    assert summary.unknown_by_cause["hidden"] == pytest.approx(4.1, abs=0.2)


async def test_no_frames_for_too_long_ends_as_idle() -> None:
    stage = Stage(SessionConfig(reconnect_grace=GRACE, store_retry=0.01))
    transport = stage.attach(patience=0.05)
    await stage.stream(transport, 1.0)
    reason, _ = await stage.end()
    assert reason is EndReason.IDLE


async def test_a_pause_is_not_idle() -> None:
    stage = Stage(SessionConfig(reconnect_grace=GRACE, store_retry=0.01))
    transport = stage.attach(patience=0.3)
    await stage.stream(transport, 0.5)
    transport.inbox.put_nowait('{"v":1,"type":"pause"}')
    await asyncio.sleep(0.9)  # several times the patience
    assert stage.running is not None
    assert not stage.running.done()
    transport.inbox.put_nowait('{"v":1,"type":"resume"}')
    reason, _ = await stage.end()
    assert reason is EndReason.IDLE


async def test_the_longest_duration_ends_the_session() -> None:
    stage = Stage(SessionConfig(max_duration=0.05))
    transport = stage.attach()
    await stage.stream(transport, 0.01)
    reason, _ = await stage.end()
    assert reason is EndReason.MAX_DURATION


async def test_a_limit_slows_the_source_and_says_why(stage: Stage) -> None:
    transport = stage.attach()
    await stage.stream(transport, 0.5)
    assert wire.decode_server(await transport.control.get()).type == "hello"
    stage.session.limit(7.0, "overload")
    told = wire.decode_server(await transport.control.get())
    assert isinstance(told, wire.Advice)
    assert (told.max_fps, told.reason) == (7.0, "overload")
    assert transport.frames.max_fps == 7.0


async def test_a_limit_holds_on_the_next_link(stage: Stage) -> None:
    stage.session.limit(5.0, "overload")
    transport = stage.attach()
    hello = wire.decode_server(await transport.control.get())
    assert isinstance(hello, wire.Hello)
    assert hello.fps == 5.0
    assert transport.frames.max_fps == 5.0


async def test_a_publisher_of_too_much_is_told_then_cut_off() -> None:
    stage = Stage(SessionConfig(max_pixels=1280 * 720, overuse_interval=0.005))
    transport = stage.attach()
    transport.load = Load(pixels=3840 * 2160, received_bytes=0)
    assert wire.decode_server(await transport.control.get()).type == "hello"
    advice = wire.decode_server(await transport.control.get())
    assert isinstance(advice, wire.Advice)
    assert (advice.reason, advice.scale_down_by) == ("too_large", 3.0)
    stage.clock.seconds += PATIENCE
    notice = wire.decode_server(await transport.control.get())
    assert isinstance(notice, wire.Notice)
    assert notice.code == "overuse"
    assert stage.running is not None
    assert await stage.running is EndReason.EXCESS


async def test_a_publisher_that_obeys_is_not_cut_off() -> None:
    stage = Stage(SessionConfig(max_pixels=1280 * 720, max_duration=0.2, overuse_interval=0.005))
    transport = stage.attach()
    transport.load = Load(pixels=3840 * 2160, received_bytes=0)
    await transport.control.get()
    await transport.control.get()
    transport.load = Load(pixels=1280 * 720, received_bytes=0)
    await asyncio.sleep(0.02)
    stage.clock.seconds += PATIENCE
    assert stage.running is not None
    assert await stage.running is EndReason.MAX_DURATION
