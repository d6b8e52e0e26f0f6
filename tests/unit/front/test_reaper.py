"""Sessions that nobody holds, on a real SQLite file."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from rtc_server.base.config import ForwardConfig, StoreConfig, WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import StoreUnavailable
from rtc_server.front.reaper import DAY, Reaper, Sweeper
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.session.ownership import SessionOwnership
from rtc_server.store.model import NewSession, SessionRow, SessionState
from rtc_server.store.store import Store
from tests.fakes.clock import HandClock

CONFIG = WorkerConfig(forward=ForwardConfig(save_url="http://site.invalid/save.php"))
NEW = NewSession("s-1", "7", "3", None, "hash", "hash", "webrtc", "worker-1", 130.0)


class Ward:
    """A store with one session in it, and who ends it."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store = store
        self.clock = clock
        self.ended: list[str] = []
        self.reaper = Reaper(store, CONFIG, clock, self.ended.append)

    async def begin(self, seconds: float, reason: str = "peer_lost") -> SessionOwnership:
        """A session that booked so many seconds without a face."""
        owner = await SessionOwnership.open(self.store, CONFIG.forward, self.clock, NEW)
        meter = Meter(CONFIG.metrics)
        for frame in range(int(seconds * 10) + 1):
            meter.observe(Observation(frame / 10, frame / 10, 0))
        account = meter.summary(seconds)
        snapshot = {
            "meter": meter.snapshot(),
            "elapsed": seconds,
            "reason": reason,
            "account": asdict(account),
        }
        await owner.checkpoint(SessionState.RECONNECTING, snapshot, 30.0)
        return owner

    async def once(self, holds: Callable[[SessionRow], bool]) -> SessionRow:
        """The row as soon as it is so."""
        while True:
            row = await self.row()
            if holds(row):
                return row
            await asyncio.sleep(0.01)

    async def row(self) -> SessionRow:
        row = await self.store.sessions.get("s-1")
        assert row is not None
        return row


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    clock = HandClock()
    store = await Store.open(StoreConfig(database_url=f"sqlite:///{tmp_path}/s.db"), clock)
    yield Ward(store, clock)
    await store.close()


async def test_a_session_is_left_alone_before_its_deadline(ward: Ward) -> None:
    await ward.begin(20)
    assert await ward.store.sessions.overdue() == []


async def test_an_overdue_session_ends_as_its_checkpoint_says(ward: Ward) -> None:
    await ward.begin(20)
    ward.clock.seconds += 31
    (row,) = await ward.store.sessions.overdue()
    await ward.reaper.end(row)
    ended = await ward.row()
    assert ended.state is SessionState.ENDED
    assert ended.end_reason == "peer_lost"
    assert ended.summary is not None
    assert ended.summary["elapsed"] == pytest.approx(20)
    assert ended.summary["unfocused_time"] == pytest.approx(20)
    (delivery,) = await ward.store.outbox.lease("test", 10, 10)
    assert delivery.record["session_uuid"] == "s-1"
    assert ward.ended == ["s-1"]


async def test_a_checkpoint_that_cannot_be_read_is_settled_from_its_totals(ward: Ward) -> None:
    owner = await ward.begin(20)
    account = Meter(CONFIG.metrics).summary(0)
    totals = asdict(account) | {"elapsed": 20.0, "unfocused_time": 17.0, "pending_time": 3.0}
    snapshot = {"meter": {"of": "another version"}, "elapsed": 20.0, "account": totals}
    await owner.checkpoint(SessionState.LIVE, snapshot, 30.0)
    await ward.reaper.end(await ward.row(), EndReason.REPLACED)
    summary = (await ward.row()).summary
    assert summary is not None
    assert summary["unfocused_time"] == 17.0
    assert summary["unknown_by_cause"]["reconnecting"] == 3.0
    assert summary["pending_time"] == 0


async def test_a_session_that_was_never_measured_leaves_a_row_and_no_record(ward: Ward) -> None:
    await SessionOwnership.open(ward.store, CONFIG.forward, ward.clock, NEW)
    await ward.reaper.end(await ward.row())
    assert (await ward.row()).end_reason == "worker_lost"
    assert await ward.store.outbox.lease("test", 10, 10) == []


async def test_a_session_that_was_resumed_meanwhile_is_kept(ward: Ward) -> None:
    await ward.begin(20)
    seen = await ward.row()
    await ward.store.sessions.claim("s-1", "worker-2")
    await ward.reaper.end(seen)
    assert (await ward.row()).state is not SessionState.ENDED
    assert ward.ended == []


async def test_a_dead_workers_sessions_wait_out_the_grace(ward: Ward) -> None:
    await ward.begin(20)
    await ward.reaper.release("worker-1")
    row = await ward.row()
    assert row.state is SessionState.RECONNECTING
    assert row.deadline_at == pytest.approx(ward.clock.now().timestamp() + 30)


async def test_what_a_dead_worker_had_not_written_is_unknown_and_not_lost(ward: Ward) -> None:
    await ward.begin(20, "worker_lost")
    ward.clock.seconds += 6
    await ward.reaper.release("worker-1")
    ward.clock.seconds += 31
    await ward.reaper.end(await ward.row())
    summary = (await ward.row()).summary
    assert summary is not None
    assert summary["elapsed"] == pytest.approx(26)
    assert summary["unfocused_time"] == pytest.approx(20)
    assert summary["unknown_by_cause"]["reconnecting"] == pytest.approx(6)


async def test_after_the_store_was_away_each_holder_has_a_lease_to_write(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtc_server.front.reaper.INTERVAL", 0.01)
    look = ward.store.sessions.overdue
    looked = asyncio.Event()

    async def away_at_first() -> list[SessionRow]:
        if not looked.is_set():
            looked.set()
            raise StoreUnavailable
        return await look()

    monkeypatch.setattr(ward.store.sessions, "overdue", away_at_first)
    await ward.begin(20)
    ward.clock.seconds += 31
    running = asyncio.create_task(ward.reaper.run())
    await looked.wait()
    lease_ends = ward.clock.now().timestamp() + CONFIG.session.lease
    row = await ward.once(lambda row: row.deadline_at == pytest.approx(lease_ends, rel=0, abs=0.1))
    assert row.state is SessionState.RECONNECTING
    ward.clock.seconds += CONFIG.session.lease + 1
    await ward.once(lambda row: row.state is SessionState.ENDED)
    running.cancel()
    await asyncio.wait([running])


async def test_what_ended_too_long_ago_is_swept_away(ward: Ward) -> None:
    await SessionOwnership.open(ward.store, CONFIG.forward, ward.clock, NEW)
    await ward.reaper.end(await ward.row())
    sweeper = Sweeper(ward.store, ward.clock, days=2)
    ward.clock.seconds += DAY
    await sweeper.sweep()
    assert await ward.store.sessions.get("s-1") is not None
    ward.clock.seconds += 2 * DAY
    await sweeper.sweep()
    assert await ward.store.sessions.get("s-1") is None
