"""The records on their way to the site: leased, sent, settled."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import CursorResult, Executable, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.store import rows
from rtc_server.store.engine import Database
from rtc_server.store.model import Delivery, DeliveryState
from rtc_server.store.schema import OUTBOX

_ON_ITS_WAY = [DeliveryState.PENDING, DeliveryState.LEASED]
_WAITING = OUTBOX.c.state.in_(_ON_ITS_WAY)
_EARLIER = OUTBOX.alias("earlier")
# Endpoints that add do it in two steps (read, then write): two increments of a session that
# arrive together would overwrite each other. So they go one after the other.
_ITS_TURN = or_(
    OUTBOX.c.mode != "delta",
    ~exists().where(
        _EARLIER.c.session_id == OUTBOX.c.session_id,
        _EARLIER.c.seq < OUTBOX.c.seq,
        _EARLIER.c.state.in_(_ON_ITS_WAY),
    ),
)
_ERROR_LENGTH = 500
_STATES = frozenset(DeliveryState)
_UNREADABLE = "the stored record cannot be read"

log = logging.getLogger(__name__)


class Outbox:
    """Records of all sessions, for any number of forwarders.

    A forwarder leases what is due, sends it and settles it. When it dies, its lease runs
    out and another takes over: ``Delivery.unanswered`` then says that the record may have
    been applied. Every method may raise :class:`StoreUnavailable`.
    """

    def __init__(self, database: Database) -> None:
        """Rows live in ``database``, whose clock says what is due."""
        self._database = database

    async def due_in(self) -> float | None:
        """Seconds until the next record is due or the next lease dies; ``None``: none waits."""

        async def work(connection: AsyncConnection) -> float | None:
            statement = select(func.min(OUTBOX.c.due_at)).where(_WAITING, _ITS_TURN)
            due = (await connection.execute(statement)).scalar()
            if not isinstance(due, (int, float)):
                return None
            return max(0.0, due - await self._database.now(connection))

        return await self._database.read(work)

    async def lease(self, owner: str, seconds: float, limit: int) -> list[Delivery]:
        """Take up to ``limit`` due records, the most overdue first, for ``seconds``.

        One that cannot be read is buried on the way, so that it keeps no other waiting.
        """

        async def work(connection: AsyncConnection) -> list[Delivery]:
            now = await self._database.now(connection)
            ids = await _due(connection, now, limit)
            if not ids:
                return []
            await connection.execute(_leasing(ids, owner, now + seconds))
            statement = select(OUTBOX).where(OUTBOX.c.id.in_(ids)).order_by(OUTBOX.c.id)
            found = await connection.execute(statement)
            leased = [replace(rows.delivery(row), leased_at=now) for row in found.mappings()]
            await _set_aside([each.id for each in leased if each.unreadable], connection, now)
            return [each for each in leased if not each.unreadable]

        return await self._database.write(work)

    async def delivered(self, delivery: Delivery) -> None:
        """Note that the site has it, even if its lease has died meanwhile."""
        its = OUTBOX.c.id == delivery.id
        await self._run(
            lambda now: (
                update(OUTBOX).where(its).values(_settled(DeliveryState.DELIVERED, now, None))
            )
        )

    async def retry(
        self,
        delivery: Delivery,
        delay: float,
        error: str,
        *,
        refused: bool = False,
        unanswered: bool = False,
    ) -> None:
        """Try again in ``delay`` seconds.

        ``refused``: the endpoint answered that it does not take it; ``unanswered``: it may
        have been applied.
        """

        def changes(now: float) -> dict[str, Any]:
            values: dict[str, Any] = {
                "state": DeliveryState.PENDING,
                "due_at": now + delay,
                "lease_owner": None,
                "last_error": error[:_ERROR_LENGTH],
            }
            if unanswered:
                values["unanswered"] = True
            if refused:
                values["refused_since"] = func.coalesce(OUTBOX.c.refused_since, now)
            return values

        await self._settle(delivery, changes)

    async def bury(self, delivery: Delivery, error: str) -> None:
        """Give it up; it stays listed."""
        await self._settle(delivery, lambda now: _settled(DeliveryState.BURIED, now, error))

    async def hold(self, delivery: Delivery, error: str) -> None:
        """Leave it to a person: it may have been applied, sending it again might double it."""
        await self._settle(delivery, lambda now: _settled(DeliveryState.UNCERTAIN, now, error))

    async def abandon(self, owner: str) -> int:
        """Let the leases of ``owner`` die now, for it stops; returns how many."""
        theirs = and_(OUTBOX.c.state == DeliveryState.LEASED, OUTBOX.c.lease_owner == owner)
        return await self._run(lambda now: update(OUTBOX).where(theirs).values(due_at=now))

    async def counts(self) -> dict[DeliveryState, int]:
        """How many records are in each state."""

        async def work(connection: AsyncConnection) -> dict[DeliveryState, int]:
            statement = select(OUTBOX.c.state, func.count().label("number")).group_by(
                OUTBOX.c.state
            )
            counts = dict.fromkeys(DeliveryState, 0)
            for word, number in await connection.execute(statement):
                # a state of another version: nobody here sends it, so it is told as given up
                known = word in _STATES
                counts[DeliveryState(word) if known else DeliveryState.BURIED] += number
            return counts

        return await self._database.read(work)

    async def oldest(self) -> float | None:
        """When (UTC epoch seconds) the oldest record that still waits was made."""

        async def work(connection: AsyncConnection) -> float | None:
            statement = select(func.min(OUTBOX.c.created_at)).where(_WAITING)
            created = (await connection.execute(statement)).scalar()
            return float(created) if isinstance(created, (int, float)) else None

        return await self._database.read(work)

    async def find(
        self,
        states: Sequence[DeliveryState] = tuple(DeliveryState),
        *,
        session_id: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Delivery]:
        """Find records in one of ``states``, in the order they were made; ``after`` pages by id."""
        statement = (
            select(OUTBOX)
            .where(OUTBOX.c.state.in_(states), OUTBOX.c.id > after)
            .order_by(OUTBOX.c.id)
            .limit(limit)
        )
        if session_id is not None:
            statement = statement.where(OUTBOX.c.session_id == session_id)

        async def work(connection: AsyncConnection) -> list[Delivery]:
            found = await connection.execute(statement)
            return [rows.delivery(row) for row in found.mappings()]

        return await self._database.read(work)

    async def resend(self, ids: Sequence[int]) -> int:
        """Send buried and uncertain records again, with fresh patience; returns how many."""
        given_up = OUTBOX.c.state.in_([DeliveryState.BURIED, DeliveryState.UNCERTAIN])
        these = and_(OUTBOX.c.id.in_(ids), given_up)
        return await self._run(lambda now: update(OUTBOX).where(these).values(_afresh(now)))

    async def purge(self, states: Sequence[DeliveryState], before: float) -> int:
        """Delete settled records of ``states`` that were settled before ``before``."""
        settled = and_(OUTBOX.c.state.in_(states), OUTBOX.c.settled_at < before)
        return await self._run(lambda _: delete(OUTBOX).where(settled))

    async def _settle(self, delivery: Delivery, changes: Callable[[float], dict[str, Any]]) -> None:
        # Only under the lease it was sent with: after a takeover the other one settles.
        mine = and_(
            OUTBOX.c.id == delivery.id,
            OUTBOX.c.state == DeliveryState.LEASED,
            OUTBOX.c.attempts == delivery.attempts,
        )
        await self._run(lambda now: update(OUTBOX).where(mine).values(changes(now)))

    async def _run(self, make: Callable[[float], Executable]) -> int:
        """Execute what ``make`` gives for the present time; returns how many rows it changed."""

        async def work(connection: AsyncConnection) -> int:
            statement = make(await self._database.now(connection))
            result: CursorResult[Any] = await connection.execute(statement)
            return result.rowcount

        return await self._database.write(work)


async def _due(connection: AsyncConnection, now: float, limit: int) -> list[int]:
    statement = (
        select(OUTBOX.c.id)
        .where(_WAITING, _ITS_TURN, OUTBOX.c.due_at <= now)
        .order_by(OUTBOX.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has no need of it: one writer at a time
    )
    return list((await connection.execute(statement)).scalars())


async def _set_aside(ids: list[int], connection: AsyncConnection, now: float) -> None:
    if not ids:
        return
    log.error("records %s cannot be read: set aside", ids)
    buried = _settled(DeliveryState.BURIED, now, _UNREADABLE)
    await connection.execute(update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(buried))


def _leasing(ids: list[int], owner: str, until: float) -> Executable:
    died = OUTBOX.c.state == DeliveryState.LEASED
    return (
        update(OUTBOX)
        .where(OUTBOX.c.id.in_(ids))
        .ordered_values(
            # first, for MariaDB assigns from left to right and would read the new state
            (OUTBOX.c.unanswered, OUTBOX.c.unanswered | died),
            (OUTBOX.c.state, DeliveryState.LEASED),
            (OUTBOX.c.lease_owner, owner),
            (OUTBOX.c.due_at, until),
            (OUTBOX.c.attempts, OUTBOX.c.attempts + 1),
        )
    )


def _afresh(now: float) -> dict[str, Any]:
    return {
        "state": DeliveryState.PENDING,
        "queued_at": now,
        "due_at": now,
        "attempts": 0,
        "refused_since": None,
        "unanswered": False,
        "settled_at": None,
    }


def _settled(state: DeliveryState, now: float, error: str | None) -> dict[str, Any]:
    changes = {"state": state, "lease_owner": None, "settled_at": now}
    return changes if error is None else changes | {"last_error": error[:_ERROR_LENGTH]}
