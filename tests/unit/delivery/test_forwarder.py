"""The forwarder: what is in the outbox gets to the endpoint, whatever happens between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import StoreUnavailable
from rtc_server.delivery.forwarder import Forwarder
from rtc_server.delivery.outcome import NotSent, Refused, Rejected, Unanswered
from rtc_server.delivery.policy import RetryPolicy
from rtc_server.store import Delivery, DeliveryState, Store
from tests.fakes.rows import created, new_delivery
from tests.fakes.scripted_endpoint import ScriptedEndpoint

CONFIG = ForwardConfig(poll=0.02, concurrency=3, lease=5.0)
AT_ONCE = RetryPolicy(first_delay=0.01, longest_delay=0.02)


@asynccontextmanager
async def forwarding(
    store: Store, endpoint: ScriptedEndpoint, config: ForwardConfig = CONFIG
) -> AsyncIterator[Forwarder]:
    forwarder = Forwarder(store.outbox, endpoint, config, SystemClock(), AT_ONCE)
    running = asyncio.create_task(forwarder.run())
    yield forwarder
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def put(store: Store, mode: str = "summary", records: int = 1) -> None:
    for _ in range(records):
        session_id = await created(store)
        delivery = new_delivery(mode=mode, total_time=9)
        await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, delivery)


async def all_in(store: Store, state: DeliveryState) -> list[Delivery]:
    """Wait until every record is in ``state``."""
    async with asyncio.timeout(10):
        while True:
            found = await store.outbox.find()
            if found and all(delivery.state is state for delivery in found):
                return found
            await asyncio.sleep(0.01)


async def test_a_record_is_posted_once_and_settled(store: Store) -> None:
    endpoint = ScriptedEndpoint()
    async with forwarding(store, endpoint):
        await put(store)
        (delivery,) = await all_in(store, DeliveryState.DELIVERED)
    assert endpoint.posted == [delivery.idempotency_key]
    assert delivery.attempts == 1


async def test_a_woken_forwarder_does_not_wait_for_its_next_look(store: Store) -> None:
    endpoint = ScriptedEndpoint()
    async with forwarding(store, endpoint, replace(CONFIG, poll=60.0)) as forwarder:
        assert await forwarder.flush(10.0)  # it has looked, and found nothing
        await put(store)
        forwarder.wake()
        await endpoint.seen(1)


@pytest.mark.parametrize("steps", range(4))
async def test_a_forwarder_that_is_woken_and_cancelled_at_once_ends(
    store: Store, steps: int
) -> None:
    config = replace(CONFIG, poll=60.0)
    forwarder = Forwarder(store.outbox, ScriptedEndpoint(), config, SystemClock(), AT_ONCE)
    running = asyncio.create_task(forwarder.run())
    assert await forwarder.flush(10.0)  # it has looked, and found nothing
    await asyncio.sleep(0.01)
    forwarder.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    ended, _ = await asyncio.wait([running], timeout=5.0)
    assert ended == {running}


@pytest.mark.parametrize("outcome", [NotSent("x"), Rejected(503, "x"), Refused("x")])
async def test_a_failed_post_is_repeated_under_the_same_key(
    store: Store, outcome: NotSent | Rejected | Refused
) -> None:
    endpoint = ScriptedEndpoint(outcome, outcome)
    async with forwarding(store, endpoint):
        await put(store)
        (delivery,) = await all_in(store, DeliveryState.DELIVERED)
    assert endpoint.posted == [delivery.idempotency_key] * 3


async def test_a_rejected_record_is_buried_and_does_not_hold_up_the_others(store: Store) -> None:
    endpoint = ScriptedEndpoint(Rejected(400, "400: no such user"))
    async with forwarding(store, endpoint):
        await put(store)
        (buried,) = await all_in(store, DeliveryState.BURIED)
        await put(store)
        await endpoint.seen(2)
    assert buried.last_error == "400: no such user"


async def test_without_an_answer_an_endpoint_without_a_key_is_not_posted_to_again(
    store: Store,
) -> None:
    endpoint = ScriptedEndpoint(Unanswered("reset"), knows=False)
    async with forwarding(store, endpoint):
        await put(store)
        await all_in(store, DeliveryState.UNCERTAIN)
    assert len(endpoint.posted) == 1


@pytest.mark.parametrize("mode", ["summary", "delta"])
async def test_without_an_answer_an_endpoint_that_knows_the_key_is_posted_to_again(
    store: Store, mode: str
) -> None:
    endpoint = ScriptedEndpoint(Unanswered("reset"), knows=True)
    async with forwarding(store, endpoint):
        await put(store, mode)
        await all_in(store, DeliveryState.DELIVERED)
    assert len(endpoint.posted) == 2


async def test_without_an_answer_totals_are_posted_again_without_asking(store: Store) -> None:
    endpoint = ScriptedEndpoint(Unanswered("reset"), knows=None)
    async with forwarding(store, endpoint):
        await put(store, "upsert")
        await all_in(store, DeliveryState.DELIVERED)
    assert len(endpoint.posted) == 2


async def test_without_an_answer_it_is_posted_again_where_the_site_wants_that(
    store: Store,
) -> None:
    endpoint = ScriptedEndpoint(Unanswered("reset"), knows=False)
    async with forwarding(store, endpoint, replace(CONFIG, uncertain="retry")):
        await put(store)
        await all_in(store, DeliveryState.DELIVERED)
    assert len(endpoint.posted) == 2


async def test_while_the_endpoint_cannot_be_asked_an_unanswered_record_waits(
    store: Store,
) -> None:
    endpoint = ScriptedEndpoint(Unanswered("reset"), knows=None)
    async with forwarding(store, endpoint):
        await put(store)
        await endpoint.questioned(3)
        assert len(endpoint.posted) == 1
        endpoint.knows = True
        await all_in(store, DeliveryState.DELIVERED)


async def test_no_more_than_the_allowed_posts_are_under_way(store: Store) -> None:
    endpoint = ScriptedEndpoint()
    endpoint.open.clear()
    await put(store, records=8)
    async with forwarding(store, endpoint) as forwarder:
        await endpoint.seen(3)
        assert not await forwarder.flush(0.1)
        endpoint.open.set()
        await all_in(store, DeliveryState.DELIVERED)
    assert endpoint.most_at_once == 3
    assert len(endpoint.posted) == 8


async def test_flush_waits_until_everything_due_is_settled(store: Store) -> None:
    await put(store, records=5)
    async with forwarding(store, ScriptedEndpoint()) as forwarder:
        assert await forwarder.flush(10.0)
        assert (await store.outbox.counts())[DeliveryState.DELIVERED] == 5


async def test_a_post_that_a_stop_interrupts_is_taken_over_as_unanswered(store: Store) -> None:
    endpoint = ScriptedEndpoint()
    endpoint.open.clear()
    await put(store)
    async with forwarding(store, endpoint):
        await endpoint.seen(1)
    (left,) = await store.outbox.lease("next", 5.0, 10)
    assert left.unanswered


async def test_two_forwarders_post_each_record_once(store: Store) -> None:
    await put(store, records=20)
    endpoint = ScriptedEndpoint()
    async with forwarding(store, endpoint), forwarding(store, endpoint):
        await all_in(store, DeliveryState.DELIVERED)
    assert len(endpoint.posted) == len(set(endpoint.posted)) == 20


async def test_a_host_that_is_down_is_not_pestered(store: Store) -> None:
    endpoint = ScriptedEndpoint(*[NotSent("down")] * 100)
    async with forwarding(store, endpoint) as forwarder:
        await put(store, records=20)
        await endpoint.seen(5)
        assert await forwarder.flush(10.0)  # nothing is under way: the breaker is open
        assert len(endpoint.posted) <= 5 + CONFIG.concurrency
        posted = len(endpoint.posted)
        await asyncio.sleep(0.3)  # records are due every 0.02 s
        assert len(endpoint.posted) <= posted + 1


async def test_a_delivery_is_settled_although_the_store_was_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, failures = store.outbox.delivered, iter([StoreUnavailable("full")])

    async def fails_once(delivery: Delivery) -> None:
        for failure in failures:
            raise failure
        await settle(delivery)

    monkeypatch.setattr(store.outbox, "delivered", fails_once)
    endpoint = ScriptedEndpoint()
    async with forwarding(store, endpoint):
        await put(store)
        await all_in(store, DeliveryState.DELIVERED)
    assert len(endpoint.posted) == 1


async def test_a_store_that_cannot_be_read_is_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, failures = store.outbox.due_in, iter([StoreUnavailable("gone")] * 3)

    async def fails() -> float | None:
        for failure in failures:
            raise failure
        return await look()

    monkeypatch.setattr(store.outbox, "due_in", fails)
    await put(store)
    endpoint = ScriptedEndpoint()
    async with forwarding(store, endpoint):
        await all_in(store, DeliveryState.DELIVERED)
    assert list(failures) == [], "each of its failures was met"
    assert len(endpoint.posted) == 1
