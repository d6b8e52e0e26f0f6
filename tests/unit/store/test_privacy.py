"""Consents, samples, and what is forgotten."""

import pytest

from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionNotFound
from rtc_server.store import DeliveryState, Sample, SessionState, Store
from rtc_server.store.consents import Consent
from tests.fakes.clock import HandClock
from tests.fakes.rows import created, new_delivery


def samples(*seconds: int, gaze: str = "center") -> list[Sample]:
    return [Sample(second, {"gaze_direction": gaze, "perclos": None}) for second in seconds]


async def checkpoint(store: Store, session_id: str, epoch: int, taken: list[Sample]) -> None:
    await store.sessions.checkpoint(
        session_id,
        epoch,
        state=SessionState.LIVE,
        snapshot={},
        expires_in=None,
        samples=taken,
    )


async def delivered(store: Store, user_id: str = "17") -> str:
    """A session with everything that a session can have."""
    session_id = await created(store, user_id=user_id)
    await store.consents.give(session_id, "2026-01")
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, new_delivery(), samples(0, 1))
    (leased,) = await store.outbox.lease("forwarder", 30, 1)
    await store.outbox.delivered(leased)
    return session_id


async def test_the_first_consent_to_a_version_counts(store: Store, clock: HandClock) -> None:
    session_id = await created(store)
    assert await store.consents.of(session_id) == []
    first = clock.now().timestamp()
    await store.consents.give(session_id, "2026-01")
    clock.seconds += 1
    await store.consents.give(session_id, "2026-01")
    await store.consents.give(session_id, "2026-02")
    assert await store.consents.of(session_id) == [
        Consent("2026-01", first),
        Consent("2026-02", first + 1),
    ]


async def test_nobody_consents_for_a_session_that_is_not_there(store: Store) -> None:
    with pytest.raises(SessionNotFound):
        await store.consents.give("00000000-0000-4000-8000-000000000000", "2026-01")


async def test_samples_are_written_with_checkpoints_and_the_end(store: Store) -> None:
    session_id = await created(store)
    await checkpoint(store, session_id, 1, samples(0, 1, 2))
    await checkpoint(store, session_id, 1, [])
    await checkpoint(store, session_id, 1, samples(3, 4))
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, None, samples(5))
    assert await store.samples.of(session_id) == samples(0, 1, 2, 3, 4, 5)
    assert await store.samples.of(session_id, after=1, limit=2) == samples(2, 3)


async def test_who_goes_on_from_a_checkpoint_replaces_what_came_after_it(store: Store) -> None:
    session_id = await created(store)
    await checkpoint(store, session_id, 1, samples(0, 1, 2, 3))
    await store.sessions.claim(session_id, "worker-2")
    await checkpoint(store, session_id, 2, samples(2, gaze="left"))
    assert await store.samples.of(session_id) == samples(0, 1) + samples(2, gaze="left")


async def test_erasing_a_student_leaves_nothing_and_nobody_else_is_touched(store: Store) -> None:
    gone, kept = await delivered(store, "17"), await delivered(store, "18")
    running = await created(store, user_id="17")
    await checkpoint(store, running, 1, samples(0))
    assert await store.retention.erase("17") == 2
    assert await store.sessions.find(user_id="17") == []
    for session_id in (gone, running):
        assert await store.samples.of(session_id) == []
        assert await store.consents.of(session_id) == []
        assert await store.outbox.find(session_id=session_id) == []
    with pytest.raises(SessionNotFound):
        await checkpoint(store, running, 1, samples(1))
    assert await store.samples.of(kept) == samples(0, 1)
    assert len(await store.consents.of(kept)) == len(await store.outbox.find()) == 1


async def test_what_ended_long_ago_is_forgotten(store: Store, clock: HandClock) -> None:
    old = await delivered(store)
    running = await created(store)
    clock.seconds += 100
    new = await delivered(store)
    assert await store.retention.forget(clock.now().timestamp() - 50) == 1
    assert {row.session_id for row in await store.sessions.find()} == {running, new}
    assert await store.samples.of(old) == []
    assert await store.samples.of(new) == samples(0, 1)


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.BURIED])
async def test_a_record_that_has_not_arrived_keeps_its_session(
    store: Store, clock: HandClock, state: DeliveryState
) -> None:
    session_id = await created(store)
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, new_delivery(), samples(0))
    if state is DeliveryState.BURIED:
        (leased,) = await store.outbox.lease("forwarder", 30, 1)
        await store.outbox.bury(leased, "400")
    clock.seconds += 100
    assert await store.retention.forget(clock.now().timestamp()) == 0
    assert await store.sessions.get(session_id) is not None
    assert await store.samples.of(session_id) == []
