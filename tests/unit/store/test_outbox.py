"""The outbox: each record with one forwarder at a time, none forgotten."""

import asyncio

import pytest

from rtc_server.base.end_reason import EndReason
from rtc_server.store import Delivery, DeliveryState, SessionState, Store
from tests.fakes.clock import HandClock
from tests.fakes.rows import created, new_delivery

LEASE = 30.0


@pytest.fixture
async def waiting(store: Store) -> str:
    """The session of the one record in the outbox."""
    return await put(store)


async def put(store: Store) -> str:
    session_id = await created(store)
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, new_delivery(total_time=9))
    return session_id


async def put_running(store: Store, mode: str, records: int) -> None:
    session_id = await created(store)
    for seq in range(1, records + 1):
        await store.sessions.checkpoint(
            session_id,
            1,
            state=SessionState.LIVE,
            snapshot={},
            expires_in=None,
            delivery=new_delivery(seq=seq, mode=mode),
        )


async def leased(store: Store, owner: str = "forwarder-1") -> Delivery:
    (delivery,) = await store.outbox.lease(owner, LEASE, 10)
    return delivery


async def only(store: Store) -> Delivery:
    (delivery,) = await store.outbox.find()
    return delivery


async def test_a_new_record_is_due_at_once(store: Store, waiting: str) -> None:
    assert await store.outbox.due_in() == 0.0
    delivery = await leased(store)
    assert (delivery.session_id, delivery.record) == (waiting, {"total_time": 9})
    assert (delivery.state, delivery.attempts) == (DeliveryState.LEASED, 1)
    assert not delivery.unanswered
    assert delivery.lease_owner == "forwarder-1"


@pytest.mark.usefixtures("waiting")
async def test_a_leased_record_is_not_given_to_another(store: Store, clock: HandClock) -> None:
    await leased(store)
    clock.seconds += LEASE - 1
    assert await store.outbox.lease("forwarder-2", LEASE, 10) == []


@pytest.mark.usefixtures("waiting")
async def test_a_dead_lease_is_taken_over_as_perhaps_applied(
    store: Store, clock: HandClock
) -> None:
    await leased(store)
    clock.seconds += LEASE
    taken = await leased(store, "forwarder-2")
    assert taken.unanswered
    assert (taken.attempts, taken.lease_owner) == (2, "forwarder-2")


@pytest.mark.usefixtures("waiting")
async def test_who_lost_the_lease_settles_nothing(store: Store, clock: HandClock) -> None:
    lost = await leased(store)
    clock.seconds += LEASE
    taken = await leased(store, "forwarder-2")
    await store.outbox.retry(lost, 5.0, "too late")
    await store.outbox.bury(lost, "too late")
    await store.outbox.hold(lost, "too late")
    assert await only(store) == taken


@pytest.mark.usefixtures("waiting")
async def test_a_delivery_counts_even_after_the_lease_was_lost(
    store: Store, clock: HandClock
) -> None:
    lost = await leased(store)
    clock.seconds += LEASE
    await leased(store, "forwarder-2")
    await store.outbox.delivered(lost)
    assert (await only(store)).state is DeliveryState.DELIVERED
    assert await store.outbox.due_in() is None


async def test_forwarders_share_the_records_without_overlap(
    store: Store, other_store: Store
) -> None:
    for _ in range(12):
        await put(store)
    batches = await asyncio.gather(
        *(
            each.outbox.lease(f"forwarder-{number}", LEASE, 3)
            for number in range(3)
            for each in (store, other_store)
        )
    )
    ids = [delivery.id for batch in batches for delivery in batch]
    assert len(ids) == len(set(ids))
    rest = await store.outbox.lease("forwarder-9", LEASE, 12)
    assert len(ids) + len(rest) == 12


async def test_records_are_leased_in_the_order_they_became_due(
    store: Store, clock: HandClock
) -> None:
    made = []
    for _ in range(3):
        made.append(await put(store))
        clock.seconds += 1
    batch = await store.outbox.lease("forwarder-1", LEASE, 2)
    assert [delivery.session_id for delivery in batch] == made[:2]


async def test_increments_of_a_session_go_one_after_the_other(
    store: Store, clock: HandClock
) -> None:
    await put_running(store, "delta", records=3)
    first = await leased(store)
    assert first.seq == 1
    assert await store.outbox.due_in() == pytest.approx(LEASE)
    await store.outbox.retry(first, 5.0, "connection refused")
    assert await store.outbox.lease("forwarder-2", LEASE, 10) == []
    clock.seconds += 5.0
    await store.outbox.delivered(await leased(store))
    second = await leased(store)
    assert second.seq == 2
    await store.outbox.bury(second, "400")
    assert (await leased(store)).seq == 3


async def test_increments_of_different_sessions_go_together(store: Store) -> None:
    for _ in range(2):
        await put_running(store, "delta", records=2)
    batch = await store.outbox.lease("forwarder-1", LEASE, 10)
    assert [delivery.seq for delivery in batch] == [1, 1]


@pytest.mark.usefixtures("waiting")
async def test_a_retry_is_due_after_its_delay(store: Store, clock: HandClock) -> None:
    await store.outbox.retry(await leased(store), 5.0, "connection refused")
    assert await store.outbox.due_in() == pytest.approx(5.0)
    assert await store.outbox.lease("forwarder-1", LEASE, 10) == []
    clock.seconds += 5.0
    again = await leased(store)
    assert (again.attempts, again.last_error) == (2, "connection refused")
    assert not again.unanswered
    assert again.refused_since is None


@pytest.mark.usefixtures("waiting")
async def test_the_first_refusal_is_remembered(store: Store, clock: HandClock) -> None:
    first = clock.now().timestamp()
    for _ in range(2):
        await store.outbox.retry(await leased(store), 5.0, "success: false", refused=True)
        clock.seconds += 5.0
    await store.outbox.retry(await leased(store), 5.0, "connection refused")
    assert (await only(store)).refused_since == first


@pytest.mark.usefixtures("waiting")
async def test_perhaps_applied_stays_so_whatever_follows(store: Store, clock: HandClock) -> None:
    await store.outbox.retry(await leased(store), 1.0, "no answer", unanswered=True)
    clock.seconds += 1.0
    await store.outbox.retry(await leased(store), 1.0, "connection refused")
    clock.seconds += 1.0
    assert (await leased(store)).unanswered


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("state", [DeliveryState.BURIED, DeliveryState.UNCERTAIN])
async def test_what_was_given_up_is_listed_and_can_be_sent_again(
    store: Store, clock: HandClock, state: DeliveryState
) -> None:
    delivery = await leased(store)
    settle = store.outbox.bury if state is DeliveryState.BURIED else store.outbox.hold
    await settle(delivery, "400: no such user")
    (listed,) = await store.outbox.find([state])
    assert listed.last_error == "400: no such user"
    assert await store.outbox.due_in() is None

    clock.seconds += 1000.0
    assert await store.outbox.resend([listed.id]) == 1
    again = await leased(store)
    assert (again.attempts, again.unanswered, again.settled_at) == (1, False, None)
    assert again.queued_at == clock.now().timestamp() == again.created_at + 1000.0


@pytest.mark.usefixtures("waiting")
async def test_what_is_under_way_or_delivered_is_not_sent_again(store: Store) -> None:
    delivery = await leased(store)
    assert await store.outbox.resend([delivery.id]) == 0
    await store.outbox.delivered(delivery)
    assert await store.outbox.resend([delivery.id]) == 0


@pytest.mark.usefixtures("waiting")
async def test_a_forwarder_that_stops_leaves_its_leases_to_the_next(store: Store) -> None:
    await leased(store)
    assert await store.outbox.abandon("forwarder-2") == 0
    assert await store.outbox.abandon("forwarder-1") == 1
    assert (await leased(store, "forwarder-2")).unanswered


async def test_the_age_of_the_outbox_is_that_of_its_oldest_waiting_record(
    store: Store, clock: HandClock
) -> None:
    assert await store.outbox.oldest() is None
    await put(store)
    first = await leased(store)
    clock.seconds += 1
    await put(store)
    assert await store.outbox.oldest() == first.created_at
    await store.outbox.delivered(first)
    assert await store.outbox.oldest() == first.created_at + 1


async def test_the_list_is_paged_by_id_and_narrowed_to_a_session(store: Store) -> None:
    sessions = [await put(store) for _ in range(3)]
    page = await store.outbox.find(limit=2)
    rest = await store.outbox.find(after=page[-1].id)
    assert [delivery.session_id for delivery in [*page, *rest]] == sessions
    (one,) = await store.outbox.find(session_id=sessions[1])
    assert one.session_id == sessions[1]


async def test_only_what_was_settled_long_ago_is_purged(store: Store, clock: HandClock) -> None:
    await put(store)
    await store.outbox.delivered(await leased(store))
    clock.seconds += 100
    await put(store)
    await store.outbox.delivered(await leased(store))
    await put(store)
    await store.outbox.bury(await leased(store), "404")
    await put(store)
    before = clock.now().timestamp()
    assert await store.outbox.purge([DeliveryState.DELIVERED], before) == 1
    counts = await store.outbox.counts()
    assert counts[DeliveryState.DELIVERED] == counts[DeliveryState.BURIED] == 1
    assert counts[DeliveryState.PENDING] == 1


@pytest.mark.usefixtures("waiting")
async def test_a_long_error_is_cut(store: Store) -> None:
    await store.outbox.bury(await leased(store), "x" * 10_000)
    assert len((await only(store)).last_error or "") == 500
