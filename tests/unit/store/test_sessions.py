"""Sessions: one holder at a time, ended once, nothing half written."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed, SessionNotFound, StaleEpoch, StoreUnavailable
from rtc_server.store import DeliveryState, SessionState, Store
from tests.fakes.clock import HandClock
from tests.fakes.rows import created, new_delivery, new_session

SUMMARY = {"focused_time": 12.25, "unknown_by_cause": {"no_frames": 0.125}, "perclos": None}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def test_a_created_session_is_found_by_its_id_and_by_its_resource(
    store: Store, clock: HandClock
) -> None:
    new = new_session(section_id="5", expires_in=30.0)
    assert await store.sessions.create(new) == 1
    row = await store.sessions.get(new.session_id)
    assert row is not None
    assert row == await store.sessions.by_resource(new.resource_hash)
    assert (row.user_id, row.module_id, row.section_id) == ("17", "3", "5")
    assert (row.state, row.epoch, row.record_seq) == (SessionState.NEW, 1, 0)
    assert row.started_at == clock.now().timestamp()
    assert row.deadline_at == row.started_at + 30
    assert (row.summary, row.recorded, row.ended_at, row.end_reason) == (None,) * 4


async def test_what_nobody_created_is_not_found(store: Store) -> None:
    assert await store.sessions.get(UNKNOWN) is None
    assert await store.sessions.by_resource("f" * 64) is None
    with pytest.raises(SessionNotFound):
        await store.sessions.claim(UNKNOWN, "worker-1")
    with pytest.raises(SessionNotFound):
        await store.sessions.end(UNKNOWN, 1, EndReason.ERROR, SUMMARY)


async def test_live_sessions_of_a_section_come_newest_first(store: Store, clock: HandClock) -> None:
    older = await created(store, section_id="5")
    clock.seconds += 1
    newer = await created(store, section_id="5")
    ended = await created(store, section_id="5")
    await store.sessions.end(ended, 1, EndReason.CLIENT_BYE, SUMMARY)
    for other in ({"section_id": "6"}, {"section_id": None}, {"module_id": "4"}):
        await created(store, **{"section_id": "5"} | other)
    live = await store.sessions.live_of("17", "3", "5")
    assert [row.session_id for row in live] == [newer, older]


async def test_live_sessions_without_a_section_are_found(store: Store) -> None:
    without = await created(store, section_id=None)
    await created(store, section_id="5")
    assert [row.session_id for row in await store.sessions.live_of("17", "3", None)] == [without]


async def test_ids_are_compared_letter_by_letter(store: Store) -> None:
    await created(store, user_id="Åsa")
    assert await store.sessions.live_of("åsa", "3", None) == []
    assert await store.sessions.live_of("Asa", "3", None) == []
    assert len(await store.sessions.live_of("Åsa", "3", None)) == 1


async def test_who_claims_a_session_gets_its_last_checkpoint(store: Store) -> None:
    session_id = await created(store)
    for elapsed in (10.0, 20.0):
        await store.sessions.checkpoint(
            session_id,
            1,
            state=SessionState.LIVE,
            snapshot={"elapsed": elapsed},
            expires_in=None,
        )
    claim = await store.sessions.claim(session_id, "worker-2")
    assert claim.checkpoint == {"elapsed": 20.0}
    assert (claim.row.epoch, claim.row.worker) == (2, "worker-2")
    assert claim.row.state is SessionState.LIVE


async def test_a_session_without_a_checkpoint_can_be_claimed(store: Store) -> None:
    claim = await store.sessions.claim(await created(store), "worker-2")
    assert claim.checkpoint is None


async def test_an_older_holder_changes_nothing(store: Store) -> None:
    session_id = await created(store)
    before = (await store.sessions.claim(session_id, "worker-2")).row
    with pytest.raises(StaleEpoch):
        await store.sessions.checkpoint(
            session_id, 1, state=SessionState.LIVE, snapshot={}, expires_in=None
        )
    with pytest.raises(StaleEpoch):
        await store.sessions.mark(session_id, 1, SessionState.RECONNECTING, 5.0)
    with pytest.raises(StaleEpoch):
        await store.sessions.end(session_id, 1, EndReason.IDLE, SUMMARY, new_delivery())
    assert await store.sessions.get(session_id) == before
    assert await store.outbox.due_in() is None


async def test_a_session_that_was_resumed_meanwhile_is_not_reaped(store: Store) -> None:
    session_id = await created(store, expires_in=-1.0)
    (seen,) = await store.sessions.overdue()
    await store.sessions.claim(session_id, "worker-2")
    with pytest.raises(StaleEpoch):
        await store.sessions.claim(session_id, "reaper", seen=seen.epoch)


async def test_claims_at_the_same_time_leave_one_holder(store: Store, other_store: Store) -> None:
    session_id = await created(store)
    claims = await asyncio.gather(
        *(
            each.sessions.claim(session_id, f"worker-{number}")
            for number in range(4)
            for each in (store, other_store)
        )
    )
    assert sorted(claim.row.epoch for claim in claims) == list(range(2, 10))


async def test_of_reapers_that_saw_the_same_only_one_gets_the_session(
    store: Store, other_store: Store
) -> None:
    session_id = await created(store)
    results = await asyncio.gather(
        *(each.sessions.claim(session_id, "reaper", seen=1) for each in (store, other_store)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, StaleEpoch) for result in results) == 1


async def test_the_summary_and_its_record_are_written_together(
    store: Store, clock: HandClock
) -> None:
    session_id = await created(store, expires_in=1.0)
    delivery = new_delivery(focused_time=12, section_id=None)
    assert await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, SUMMARY, delivery)
    row = await store.sessions.get(session_id)
    assert row is not None
    assert (row.state, row.end_reason) == (SessionState.ENDED, "client_bye")
    assert (row.summary, row.ended_at) == (SUMMARY, clock.now().timestamp())
    assert (row.worker, row.deadline_at) == (None, None)
    assert (row.record_seq, row.recorded) == (1, {"focused_time": 1.0})
    (waiting,) = await store.outbox.find()
    assert waiting.record == {"focused_time": 12, "section_id": None}
    assert waiting.idempotency_key == f"{session_id}:1"


async def test_a_record_that_cannot_be_stored_leaves_the_session_open(store: Store) -> None:
    session_id = await created(store)
    await store.sessions.checkpoint(
        session_id,
        1,
        state=SessionState.LIVE,
        snapshot={"elapsed": 1.0},
        expires_in=None,
        delivery=new_delivery(seq=1),
    )
    before = await store.sessions.get(session_id)
    with pytest.raises(IntegrityError):
        await store.sessions.end(session_id, 1, EndReason.IDLE, SUMMARY, new_delivery(seq=1))
    assert await store.sessions.get(session_id) == before
    assert (await store.sessions.claim(session_id, "worker-2")).checkpoint == {"elapsed": 1.0}


async def test_ending_twice_is_ending_once(store: Store) -> None:
    session_id = await created(store)
    assert await store.sessions.end(session_id, 1, EndReason.IDLE, SUMMARY, new_delivery())
    assert not await store.sessions.end(session_id, 1, EndReason.ERROR, {}, new_delivery())
    row = await store.sessions.get(session_id)
    assert row is not None
    assert (row.end_reason, row.summary) == ("idle", SUMMARY)
    assert len(await store.outbox.find()) == 1


async def test_an_ended_session_takes_nothing_more(store: Store) -> None:
    session_id = await created(store)
    await store.sessions.end(session_id, 1, EndReason.IDLE, SUMMARY)
    with pytest.raises(SessionClosed):
        await store.sessions.claim(session_id, "worker-2")
    with pytest.raises(SessionClosed):
        await store.sessions.mark(session_id, 1, SessionState.LIVE, None)
    with pytest.raises(SessionClosed):
        await store.sessions.checkpoint(
            session_id, 1, state=SessionState.LIVE, snapshot={}, expires_in=None
        )


async def test_overdue_sessions_come_longest_overdue_first(store: Store) -> None:
    late = await created(store, expires_in=-1.0)
    later = await created(store, expires_in=-2.0)
    ended = await created(store, expires_in=-3.0)
    await store.sessions.end(ended, 1, EndReason.IDLE, SUMMARY)
    await created(store, expires_in=1.0)
    await created(store, expires_in=None)
    assert [row.session_id for row in await store.sessions.overdue()] == [later, late]
    assert len(await store.sessions.overdue(limit=1)) == 1


async def test_after_the_store_was_away_the_holder_writes_before_another_takes_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtc_server.store.engine.HOLDERS_FIRST", 0.3)
    session_id = await created(store)
    assert (await store.sessions.claim(session_id, "worker-2")).row.epoch == 2

    async def away(_: AsyncConnection) -> None:
        raise OSError("no space left on device")

    with pytest.raises(StoreUnavailable):
        await store.sessions._database.write(away)
    claiming = asyncio.create_task(store.sessions.claim(session_id, "worker-3"))
    await asyncio.sleep(0)  # it has asked first
    await store.sessions.end(session_id, 2, EndReason.CLIENT_BYE, SUMMARY)
    with pytest.raises(SessionClosed):
        await claiming


async def test_postponed_sessions_are_not_overdue_before(store: Store, clock: HandClock) -> None:
    now = clock.now().timestamp()
    late = await created(store, expires_in=-1.0)
    patient = await created(store, expires_in=90.0)
    endless = await created(store, expires_in=None)
    assert await store.sessions.postpone(15.0) == 1
    assert await store.sessions.overdue() == []
    found = {row.session_id: row.deadline_at for row in await store.sessions.find()}
    assert found == {late: now + 15, patient: now + 90, endless: None}


async def test_sessions_of_a_dead_worker_wait_for_their_clients(
    store: Store, clock: HandClock
) -> None:
    here = await created(store, worker="worker-1")
    elsewhere = await created(store, worker="worker-2")
    ended = await created(store, worker="worker-1")
    await store.sessions.end(ended, 1, EndReason.IDLE, SUMMARY)
    assert await store.sessions.release("worker-1", 77.0) == 1
    released = await store.sessions.get(here)
    assert released is not None
    assert (released.state, released.deadline_at) == (
        SessionState.RECONNECTING,
        clock.now().timestamp() + 77,
    )
    untouched = await store.sessions.get(elsewhere)
    assert untouched is not None
    assert untouched.state is SessionState.NEW


async def test_a_mark_changes_state_and_deadline_only(store: Store, clock: HandClock) -> None:
    session_id = await created(store)
    await store.sessions.mark(session_id, 1, SessionState.CONNECTING, 42.0)
    row = await store.sessions.get(session_id)
    assert row is not None
    assert (row.state, row.deadline_at, row.epoch) == (
        SessionState.CONNECTING,
        clock.now().timestamp() + 42,
        1,
    )


async def test_a_newer_total_replaces_the_one_that_still_waits(store: Store) -> None:
    session_id = await created(store)
    for seq in (1, 2):
        await store.sessions.checkpoint(
            session_id,
            1,
            state=SessionState.LIVE,
            snapshot={},
            expires_in=None,
            delivery=new_delivery(seq=seq, mode="upsert"),
        )
    assert [waiting.seq for waiting in await store.outbox.find()] == [2]
    leased = await store.outbox.lease("forwarder", 30, 10)
    await store.sessions.end(
        session_id, 1, EndReason.CLIENT_BYE, SUMMARY, new_delivery(seq=3, mode="upsert")
    )
    await store.outbox.delivered(leased[0])
    assert await store.outbox.counts() == {
        DeliveryState.PENDING: 1,
        DeliveryState.LEASED: 0,
        DeliveryState.UNCERTAIN: 0,
        DeliveryState.DELIVERED: 1,
        DeliveryState.BURIED: 0,
    }


async def test_increments_all_stay_in_the_outbox(store: Store) -> None:
    session_id = await created(store)
    for seq in (1, 2):
        await store.sessions.checkpoint(
            session_id,
            1,
            state=SessionState.LIVE,
            snapshot={},
            expires_in=None,
            delivery=new_delivery(seq=seq, mode="delta"),
        )
    row = await store.sessions.get(session_id)
    assert row is not None
    assert (row.record_seq, row.recorded) == (2, {"focused_time": 2.0})
    assert [waiting.seq for waiting in await store.outbox.find()] == [1, 2]


async def test_sessions_are_listed_newest_first_by_page(store: Store, clock: HandClock) -> None:
    made = []
    for _ in range(3):
        made.append(await created(store))
        clock.seconds += 1
    await created(store, user_id="18", module_id="4")
    found = await store.sessions.find(user_id="17", limit=2)
    assert [row.session_id for row in found] == [made[2], made[1]]
    rest = await store.sessions.find(user_id="17", before=found[-1].started_at)
    assert [row.session_id for row in rest] == [made[0]]
    assert len(await store.sessions.find(module_id="4", state=SessionState.NEW)) == 1
    assert await store.sessions.find(state=SessionState.ENDED) == []


async def test_two_processes_write_at_the_same_time(store: Store, other_store: Store) -> None:
    async def live_a_life(each: Store) -> None:
        session_id = await created(each)
        for elapsed in range(3):
            await each.sessions.checkpoint(
                session_id,
                1,
                state=SessionState.LIVE,
                snapshot={"elapsed": elapsed},
                expires_in=None,
            )
        await each.sessions.end(session_id, 1, EndReason.CLIENT_BYE, SUMMARY, new_delivery())

    await asyncio.gather(*(live_a_life(each) for _ in range(10) for each in (store, other_store)))
    assert (await store.outbox.counts())[DeliveryState.PENDING] == 20
