"""Single rows inside somebody else's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.errors import SessionClosed, SessionNotFound, StaleEpoch
from rtc_server.store.model import (
    Delivery,
    DeliveryState,
    MakeDelivery,
    Sample,
    SessionRow,
    SessionState,
)
from rtc_server.store.schema import CHECKPOINTS, OUTBOX, SAMPLES, SESSIONS

Row = Mapping[Any, Any]


_STATES = frozenset(SessionState)
_DELIVERY_STATES = frozenset(DeliveryState)
_DELIVERY_NUMBERS = ("seq", "attempts", "created_at", "queued_at", "due_at")


def session(row: Row) -> SessionRow:
    """Turn a row into our own type; never raises.

    A state that another version wrote counts as held by nobody, so that its deadline ends it.
    """
    state = SessionState(row["state"]) if row["state"] in _STATES else SessionState.RECONNECTING
    jsons = {name: value_of(row[name]) for name in ("summary", "recorded")}
    return SessionRow(**{**row, "state": state, **jsons})


def delivery(row: Row) -> Delivery:
    """Turn a row into our own type; never raises: see :attr:`Delivery.unreadable`."""
    record = value_of(row["record"])
    numbers = {name: row[name] if _is_number(row[name]) else 0 for name in _DELIVERY_NUMBERS}
    known = row["state"] in _DELIVERY_STATES
    readable = known and record is not None and all(_is_number(row[name]) for name in numbers)
    state = DeliveryState(row["state"]) if known else DeliveryState.BURIED
    return Delivery(
        **{**row, **numbers, "record": record or {}, "state": state}, unreadable=not readable
    )


def value_of(value: object) -> dict[str, Any] | None:
    """A JSON column's object; ``None`` where it holds none, or what cannot be read."""
    return value if isinstance(value, dict) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))


async def lock(connection: AsyncConnection, session_id: str) -> SessionRow:
    """Read the session, which nobody else changes until this transaction ends."""
    statement = select(SESSIONS).where(SESSIONS.c.session_id == session_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        raise SessionNotFound
    return session(row)


async def hold(connection: AsyncConnection, session_id: str, epoch: int) -> SessionRow:
    """Lock the session as its present holder, or raise."""
    row = await held(connection, session_id, epoch)
    if row.state is SessionState.ENDED:
        raise SessionClosed
    return row


async def held(connection: AsyncConnection, session_id: str, epoch: int) -> SessionRow:
    """Lock the session as its last holder, be it ended or not."""
    row = await lock(connection, session_id)
    if row.epoch != epoch:
        raise StaleEpoch
    return row


async def change(connection: AsyncConnection, session_id: str, changes: dict[str, Any]) -> None:
    """Set columns of one session."""
    await connection.execute(
        update(SESSIONS).where(SESSIONS.c.session_id == session_id).values(changes)
    )


@dataclass(frozen=True, slots=True)
class Left:
    """A stored checkpoint."""

    taken_at: float
    snapshot: dict[str, Any] | None
    """``None``: it is no JSON object."""


async def checkpoint(connection: AsyncConnection, session_id: str) -> Left | None:
    """Where the session's account stood; ``None``: it was never written."""
    columns = (CHECKPOINTS.c.taken_at, CHECKPOINTS.c.snapshot)
    statement = select(*columns).where(CHECKPOINTS.c.session_id == session_id)
    found = (await connection.execute(statement)).first()
    if found is None:
        return None
    return Left(found[0] if _is_number(found[0]) else 0.0, value_of(found[1]))


async def put_checkpoint(
    connection: AsyncConnection, session_id: str, snapshot: dict[str, Any], now: float
) -> None:
    """Replace the session's checkpoint; its row must be locked."""
    values = {"taken_at": now, "snapshot": snapshot}
    changed = await connection.execute(
        update(CHECKPOINTS).where(CHECKPOINTS.c.session_id == session_id).values(values)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(CHECKPOINTS).values(session_id=session_id, **values))


async def drop_checkpoint(connection: AsyncConnection, session_id: str) -> None:
    """Forget where the account stood: the session has its summary."""
    await connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.session_id == session_id))


async def put_samples(
    connection: AsyncConnection, session_id: str, samples: Sequence[Sample]
) -> None:
    """Write samples; a holder that goes on from a checkpoint replaces what came after it."""
    if not samples:
        return
    first = min(sample.second for sample in samples)
    await connection.execute(
        delete(SAMPLES).where(SAMPLES.c.session_id == session_id, SAMPLES.c.second >= first)
    )
    values = [
        {"session_id": session_id, "second": sample.second, "data": sample.data}
        for sample in samples
    ]
    await connection.execute(insert(SAMPLES), values)


async def enqueue(
    connection: AsyncConnection, row: SessionRow, make: MakeDelivery | None, now: float
) -> None:
    """Put a record of ``row``, which is locked, into the outbox."""
    new = None if make is None else make(row)
    if new is None:
        return
    if new.mode == "upsert":
        await _drop_older(connection, row.session_id)
    totals = {"record_seq": new.seq, "recorded": new.totals}
    await change(connection, row.session_id, totals)
    values = {
        "session_id": row.session_id,
        "seq": new.seq,
        "mode": new.mode,
        "record": new.record,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "created_at": now,
        "queued_at": now,
        "due_at": now,
        "unanswered": False,
    }
    await connection.execute(insert(OUTBOX).values(values))


async def _drop_older(connection: AsyncConnection, session_id: str) -> None:
    # Running totals: the newest says all that the waiting ones would have said.
    await connection.execute(
        delete(OUTBOX).where(
            OUTBOX.c.session_id == session_id,
            OUTBOX.c.mode == "upsert",
            OUTBOX.c.state == DeliveryState.PENDING,
        )
    )
