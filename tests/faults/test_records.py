"""Rows that cannot be read, and clocks that cannot be believed: nothing is lost, nothing stops."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig, StoreConfig, WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.supervisor import Supervisor
from rtc_server.delivery.forwarder import Forwarder
from rtc_server.front.reaper import Heartbeats, Reaper, Sweeper
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.session import totals
from rtc_server.session.ownership import SessionOwnership
from rtc_server.store import DeliveryState, SessionState, Store
from rtc_server.store.model import SessionRow
from tests.fakes.clock import HandClock
from tests.fakes.rows import new_delivery, new_session, stored_row
from tests.fakes.scripted_endpoint import ScriptedEndpoint

CONFIG = WorkerConfig(forward=ForwardConfig(save_url="http://site.invalid/save.php", poll=0.01))
OLD_CHECKPOINT = Path(__file__).parents[1] / "data" / "checkpoint-of-0.1.json"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "s.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    opened = await Store.open(StoreConfig(f"sqlite:///{file}"), HandClock())
    yield opened
    await opened.close()


def measured(seconds: float) -> dict[str, Any]:
    """A checkpoint's snapshot of so many seconds without a face."""
    meter = Meter(CONFIG.metrics)
    for frame in range(int(seconds * 10) + 1):
        meter.observe(Observation(frame / 10, frame / 10, 0))
    return {
        "meter": meter.snapshot(),
        "elapsed": seconds,
        "silent": 0.0,
        "reason": "worker_lost",
        **totals.stored(meter.summary(seconds)),
    }


async def lost_session(store: Store, snapshot: dict[str, Any], user: str = "7") -> str:
    """A session whose holder is gone, as of ``snapshot``."""
    new = new_session(user_id=user)
    book = await SessionOwnership.open(store, CONFIG.forward, SystemClock(), new)
    await book.checkpoint(SessionState.LIVE, snapshot, -1.0)
    return new.session_id


async def row_of(store: Store, session_id: str) -> SessionRow:
    row = await store.sessions.get(session_id)
    assert row is not None
    return row


async def reap(store: Store) -> None:
    """As the reaper does in one look."""
    await Reaper(store, CONFIG, HandClock(), lambda _: None)._look()


# ---------------------------------------------------------------- checkpoints of other versions


@pytest.mark.parametrize(
    "foreign",
    [
        {"reason": "camera_covered"},
        {"account": measured(20)["account"] | {"brand_new_field": 1}},
        {"meter": {"of": "another version"}},
        {"at": None},
    ],
    ids=lambda foreign: next(iter(foreign)),
)
async def test_a_checkpoint_of_another_version_ends_with_its_totals(
    store: Store, foreign: dict[str, Any]
) -> None:
    session_id = await lost_session(store, measured(20) | foreign)
    behind = await lost_session(store, measured(10), user="8")
    await reap(store)
    row = await row_of(store, session_id)
    assert (row.state, row.end_reason) == (SessionState.ENDED, "worker_lost")
    assert row.summary is not None
    assert row.summary["unfocused_time"] == pytest.approx(20, abs=0.2)
    assert (await row_of(store, behind)).state is SessionState.ENDED
    assert await store.sessions.count_aside() == 0
    records = [delivery.record for delivery in await store.outbox.find()]
    assert [record["session_uuid"] for record in records] == [session_id, behind]


@pytest.mark.parametrize(
    "broken",
    [{"account": {"elapsed": 5.0}, "meter": {}}, {"account": None, "meter": {}}, {"account": "x"}],
    ids=["totals lack", "no totals", "no object"],
)
async def test_a_checkpoint_that_cannot_be_read_is_set_aside_and_kept(
    store: Store, file: Path, broken: dict[str, Any]
) -> None:
    session_id = await lost_session(store, measured(20) | broken)
    behind = await lost_session(store, measured(10), user="8")
    await reap(store)
    assert (await row_of(store, session_id)).state is SessionState.ENDED
    assert (await row_of(store, behind)).state is SessionState.ENDED
    assert [row.session_id for row in await store.sessions.aside()] == [session_id]
    assert await store.sessions.count_aside() == 1
    with closing(sqlite3.connect(file)) as raw, raw:
        (kept,) = raw.execute("SELECT snapshot FROM checkpoints").fetchone()
    assert json.loads(kept)["elapsed"] == 20, "what was there stays for a person"


@pytest.mark.parametrize("text", ["{not json", "[1, 2]", "null", '"text"'])
async def test_a_checkpoint_that_is_no_json_object_is_set_aside(
    store: Store, file: Path, text: str
) -> None:
    session_id = await lost_session(store, measured(20))
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("UPDATE checkpoints SET snapshot = ?", [text])
    behind = await lost_session(store, measured(10), user="8")
    await reap(store)
    assert (await row_of(store, session_id)).state is SessionState.ENDED
    assert (await row_of(store, behind)).state is SessionState.ENDED
    assert await store.sessions.count_aside() == 1


async def test_a_state_and_a_summary_that_cannot_be_read_stop_no_list(
    store: Store, file: Path
) -> None:
    session_id = await lost_session(store, measured(20))
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("UPDATE sessions SET state = 'paused', summary = '{oops', recorded = x'ff'")
    behind = await lost_session(store, measured(10), user="8")
    assert len(await store.sessions.find()) == 2
    await reap(store)
    assert (await row_of(store, session_id)).state is SessionState.ENDED
    assert (await row_of(store, behind)).state is SessionState.ENDED


async def test_a_checkpoint_of_the_first_version_goes_on_where_it_stood(store: Store) -> None:
    snapshot = json.loads(OLD_CHECKPOINT.read_text())
    session_id = await lost_session(store, snapshot)
    row = await row_of(store, session_id)
    _, left = await SessionOwnership.claim(
        store, CONFIG.forward, SystemClock(), session_id, "worker-2", seen=row.epoch
    )
    assert not left.broken
    went_on = left.meter(CONFIG.metrics).finish(20.0)
    assert (went_on.unfocused_time, went_on.elapsed) == (20.0, 20.0)
    account = left.settle(CONFIG.metrics, 45.0)
    assert account.frames_processed == snapshot["account"]["frames_processed"]
    assert account.unfocused_time + account.unknown_time == pytest.approx(account.elapsed)


def test_the_first_version_can_read_what_this_one_leaves() -> None:
    before = json.loads(OLD_CHECKPOINT.read_text())
    now = measured(20)
    assert set(before) - {"at"} <= set(now)
    # it makes its summary of these by name: a field that it does not know would stop its reaper
    assert set(now["account"]) == set(before["account"])


# ---------------------------------------------------------------- the outbox


def damage(file: Path, record_id: int, column: str, value: object) -> None:
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute(f"UPDATE outbox SET {column} = ? WHERE id = ?", [value, record_id])


async def put(store: Store) -> int:
    session_id = new_session().session_id
    await store.sessions.create(replace(new_session(), session_id=session_id))
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, new_delivery(a=1))
    return (await store.outbox.find())[-1].id


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("record", "{not json"),
        ("record", "[]"),
        ("record", b"\xff\xfe"),
        ("created_at", "long ago"),
    ],
)
async def test_a_record_that_cannot_be_read_is_buried_and_the_others_are_delivered(
    store: Store, file: Path, column: str, value: object
) -> None:
    broken = await put(store)
    damage(file, broken, column, value)
    good = await put(store)
    endpoint = ScriptedEndpoint()
    forwarder = Forwarder(store.outbox, endpoint, CONFIG.forward, SystemClock())
    kept = Supervisor()
    kept.keep(forwarder.run, "forwarder")
    assert await forwarder.flush(20.0)
    await kept.close()
    listed = {each.id: each for each in await store.outbox.find()}
    assert listed[good].state is DeliveryState.DELIVERED
    assert (listed[broken].state, listed[broken].unreadable) == (DeliveryState.BURIED, True)
    assert listed[broken].last_error == "the stored record cannot be read"
    assert (await store.outbox.counts())[DeliveryState.BURIED] == 1
    assert kept.restarts() == {"forwarder": 0}


async def test_a_state_of_another_version_is_told_as_given_up(store: Store, file: Path) -> None:
    damage(file, await put(store), "state", "martian")
    assert (await store.outbox.counts())[DeliveryState.BURIED] == 1
    assert await store.outbox.lease("forwarder-1", 60.0, 10) == []


# ---------------------------------------------------------------- clocks


class LeapingClock(SystemClock):
    """This machine's, with a wall clock that leaps."""

    leap = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.leap)


async def test_a_clock_that_leaps_ends_no_session_of_a_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(StoreConfig(f"sqlite:///{file}"))
    new = new_session(expires_in=45.0)
    await store.sessions.create(new)
    reaper = Reaper(store, CONFIG, SystemClock(), lambda _: None)
    await reaper._look()
    for leap in (7200.0, -7200.0):
        monkeypatch.setattr(LeapingClock, "leap", leap)
        monkeypatch.setattr("rtc_server.store.engine.SystemClock", LeapingClock)
        await reaper._look()
        assert (await row_of(store, new.session_id)).state is SessionState.NEW
    await store.close()


def test_a_session_is_silent_after_its_patience_by_the_watchers_own_clock() -> None:
    clock = HandClock()
    beats = Heartbeats(clock)
    row = replace(stored_row("s-1"), updated_at=5_000_000.0, deadline_at=5_000_045.0)
    assert beats.silent([row]) == [], "seen for the first time, whatever its times are"
    clock.seconds += 44.0
    assert beats.silent([row]) == []
    written = replace(row, updated_at=5_000_010.0, deadline_at=5_000_055.0)
    assert beats.silent([written]) == []
    clock.seconds += 44.9
    assert beats.silent([written]) == []
    clock.seconds += 0.1
    assert beats.silent([written]) == [written]


async def test_a_leap_books_no_hours_where_no_clock_can_be_trusted(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(StoreConfig(f"sqlite:///{file}"))
    session_id = await lost_session(store, measured(20))
    monkeypatch.setattr(LeapingClock, "leap", 7200.0)
    monkeypatch.setattr("rtc_server.store.engine.SystemClock", LeapingClock)
    await store.sessions.release("worker-1", 30.0)
    _, left = await SessionOwnership.claim(
        store, CONFIG.forward, SystemClock(), session_id, "worker-2"
    )
    assert left.elapsed_now(45.0) == pytest.approx(65.0)
    assert left.settle(CONFIG.metrics, 15.0, worker_died=True).elapsed <= 35.1
    await store.close()


async def test_a_clock_that_leaps_deletes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(StoreConfig(f"sqlite:///{file}"))
    session_id = new_session().session_id
    await store.sessions.create(replace(new_session(), session_id=session_id))
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {})
    sweeper = Sweeper(store, LeapingClock(), days=30)
    monkeypatch.setattr(LeapingClock, "leap", 400 * 86400.0)
    await sweeper.sweep()
    assert await store.sessions.get(session_id) is not None
    await store.close()
