"""Who writes a session's row: what reaches the outbox, and when."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pytest

from rtc_server.base.config import ForwardConfig, MetricsConfig, StoreConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation, SessionSummary
from rtc_server.session.ownership import SessionOwnership
from rtc_server.store import SessionState, Store
from tests.fakes.clock import HandClock
from tests.fakes.rows import new_session

Mode = Literal["summary", "upsert", "delta"]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(tmp_path: Path, clock: HandClock) -> AsyncIterator[Store]:
    opened = await Store.open(StoreConfig(f"sqlite:///{tmp_path}/sessions.db"), clock)
    yield opened
    await opened.close()


def after(seconds: int) -> SessionSummary:
    """The account of an empty room, watched for so long."""
    meter = Meter(MetricsConfig())
    for tenth in range(10 * seconds + 1):
        meter.observe(Observation(media_time=tenth / 10, elapsed=tenth / 10, face_count=0))
    return meter.finish(float(seconds))


def kept(seconds: int) -> dict[str, Any]:
    """The part of a checkpoint that the site is told."""
    return {"account": asdict(after(seconds))}


async def owned(
    store: Store, clock: HandClock, mode: Mode, url: str | None = "http://x"
) -> SessionOwnership:
    config = ForwardConfig(save_url=url, save_mode=mode, interval=30.0)
    return await SessionOwnership.open(store, config, clock, new_session())


async def lived(store: Store, clock: HandClock, mode: Mode) -> list[dict[str, object]]:
    """The records of a minute with a checkpoint every ten seconds, then its end."""
    written = await owned(store, clock, mode)
    for seconds in range(10, 61, 10):
        clock.seconds += 10
        await written.checkpoint(SessionState.LIVE, kept(seconds), 60.0)
    await written.end(EndReason.CLIENT_BYE, after(65))
    return [dict(delivery.record) for delivery in await store.outbox.find()]


async def test_one_record_at_the_end(store: Store, clock: HandClock) -> None:
    (record,) = await lived(store, clock, "summary")
    assert (record["seq"], record["end_reason"]) == (1, "client_bye")
    assert record["unfocused_time"] == 65


async def test_running_totals_and_the_newest_waits(store: Store, clock: HandClock) -> None:
    (record,) = await lived(store, clock, "upsert")
    assert (record["seq"], record["unfocused_time"]) == (3, 65)


async def test_increments_every_thirty_seconds_add_up(store: Store, clock: HandClock) -> None:
    records = await lived(store, clock, "delta")
    assert [record["seq"] for record in records] == [1, 2, 3]
    assert [record["unfocused_time"] for record in records] == [30, 30, 5]
    assert [record["end_reason"] for record in records] == [None, None, "client_bye"]


async def test_who_takes_over_goes_on_counting(store: Store, clock: HandClock) -> None:
    first = await owned(store, clock, "delta")
    clock.seconds += 30
    await first.checkpoint(SessionState.LIVE, kept(30), 60.0)
    (row,) = await store.sessions.find()
    config = ForwardConfig(save_url="http://x", save_mode="delta")
    second, _ = await SessionOwnership.claim(store, config, clock, row.session_id, "worker-2")
    await second.end(EndReason.WORKER_LOST, after(42))
    records = [delivery.record for delivery in await store.outbox.find()]
    assert [(record["seq"], record["unfocused_time"]) for record in records] == [(1, 30), (2, 12)]


async def test_who_takes_over_counts_on_from_the_first_frame(
    store: Store, clock: HandClock
) -> None:
    first = await owned(store, clock, "summary")
    snapshot = {"elapsed": 20.0, "silent": 4.0}  # nothing came for four seconds before it
    await first.checkpoint(SessionState.RECONNECTING, snapshot, 60.0)
    (row,) = await store.sessions.find()
    clock.seconds += 5
    _, left = await SessionOwnership.claim(
        store, ForwardConfig(), clock, row.session_id, "worker-2"
    )
    assert left.elapsed == 20.0
    assert left.elapsed_now(longest=45.0) == pytest.approx(29.0)


@pytest.mark.parametrize("url", [None, "http://x"])
async def test_without_a_site_or_without_a_frame_there_is_no_record(
    store: Store, clock: HandClock, url: str | None
) -> None:
    written = await owned(store, clock, "summary", url)
    account = after(5) if url is None else Meter(MetricsConfig()).finish(0.0)
    await written.end(EndReason.CONNECT_TIMEOUT, account)
    assert await store.outbox.find() == []
    (row,) = await store.sessions.find()
    assert row.summary is not None
