"""The records on their way to the site: leased, sent, settled."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.clock import Clock
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


class Outbox:
    """Records of all sessions, for any number of forwarders.

    A forwarder leases what is due, sends it and settles it. When it dies, its lease runs
    out and another takes over: ``Delivery.unanswered`` then says that the record may have
    been applied. Every method may raise :class:`StoreUnavailable`.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        """Rows live in ``database``; ``clock`` says what is due."""
        self._database = database
        self._clock = clock

    async def next_due(self) -> float | None:
        """When (UTC epoch seconds) the next record is due or the next lease dies. Cheap."""

        async def work(connection: AsyncConnection) -> float | None:
            statement = select(func.min(OUTBOX.c.due_at)).where(_WAITING, _ITS_TURN)
            due: float | None = (await connection.execute(statement)).scalar()
            return due

        return await self._database.read(work)

    async def lease(self, owner: str, seconds: float, limit: int) -> list[Delivery]:
        """Take up to ``limit`` due records, the most overdue first, for ``seconds``."""

        async def work(connection: AsyncConnection) -> list[Delivery]:
            now = self._now()
            ids = await _due(connection, now, limit)
            if not ids:
                return []
            await connection.execute(_leasing(ids, owner, now + seconds))
            statement = select(OUTBOX).where(OUTBOX.c.id.in_(ids)).order_by(OUTBOX.c.id)
            found = await connection.execute(statement)
            return [rows.delivery(row) for row in found.mappings()]

        return await self._database.write(work)

    async def delivered(self, delivery: Delivery) -> None:
        """Note that the site has it, even if its lease has died meanwhile."""
        changes = _settled(DeliveryState.DELIVERED, self._now(), None)
        await self._run(update(OUTBOX).where(OUTBOX.c.id == delivery.id).values(changes))

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
        now = self._now()
        changes: dict[str, Any] = {
            "state": DeliveryState.PENDING,
            "due_at": now + delay,
            "lease_owner": None,
            "last_error": error[:_ERROR_LENGTH],
        }
        if unanswered:
            changes["unanswered"] = True
        if refused:
            changes["refused_since"] = func.coalesce(OUTBOX.c.refused_since, now)
        await self._settle(delivery, changes)

    async def bury(self, delivery: Delivery, error: str) -> None:
        """Give it up; it stays listed."""
        await self._settle(delivery, _settled(DeliveryState.BURIED, self._now(), error))

    async def hold(self, delivery: Delivery, error: str) -> None:
        """Leave it to a person: it may have been applied, sending it again might double it."""
        await self._settle(delivery, _settled(DeliveryState.UNCERTAIN, self._now(), error))

    async def abandon(self, owner: str) -> int:
        """Let the leases of ``owner`` die now, for it stops; returns how many."""
        statement = (
            update(OUTBOX)
            .where(OUTBOX.c.state == DeliveryState.LEASED, OUTBOX.c.lease_owner == owner)
            .values(due_at=self._now())
        )
        return await self._run(statement)

    async def counts(self) -> dict[DeliveryState, int]:
        """How many records are in each state."""

        async def work(connection: AsyncConnection) -> dict[DeliveryState, int]:
            statement = select(OUTBOX.c.state, func.count().label("number")).group_by(
                OUTBOX.c.state
            )
            found = {row.state: row.number for row in await connection.execute(statement)}
            return {state: found.get(state, 0) for state in DeliveryState}

        return await self._database.read(work)

    async def oldest(self) -> float | None:
        """When (UTC epoch seconds) the oldest record that still waits was made."""

        async def work(connection: AsyncConnection) -> float | None:
            statement = select(func.min(OUTBOX.c.created_at)).where(_WAITING)
            created: float | None = (await connection.execute(statement)).scalar()
            return created

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
        now = self._now()
        changes = {
            "state": DeliveryState.PENDING,
            "queued_at": now,
            "due_at": now,
            "attempts": 0,
            "refused_since": None,
            "unanswered": False,
            "settled_at": None,
        }
        given_up = OUTBOX.c.state.in_([DeliveryState.BURIED, DeliveryState.UNCERTAIN])
        return await self._run(update(OUTBOX).where(OUTBOX.c.id.in_(ids), given_up).values(changes))

    async def purge(self, states: Sequence[DeliveryState], before: float) -> int:
        """Delete settled records of ``states`` that were settled before ``before``."""
        settled = and_(OUTBOX.c.state.in_(states), OUTBOX.c.settled_at < before)
        return await self._run(delete(OUTBOX).where(settled))

    async def _settle(self, delivery: Delivery, changes: dict[str, Any]) -> None:
        # Only under the lease it was sent with: after a takeover the other one settles.
        mine = and_(
            OUTBOX.c.id == delivery.id,
            OUTBOX.c.state == DeliveryState.LEASED,
            OUTBOX.c.attempts == delivery.attempts,
        )
        await self._run(update(OUTBOX).where(mine).values(changes))

    async def _run(self, statement: Executable) -> int:
        async def work(connection: AsyncConnection) -> int:
            result: CursorResult[Any] = await connection.execute(statement)
            return result.rowcount

        return await self._database.write(work)

    def _now(self) -> float:
        return self._clock.now().timestamp()


async def _due(connection: AsyncConnection, now: float, limit: int) -> list[int]:
    statement = (
        select(OUTBOX.c.id)
        .where(_WAITING, _ITS_TURN, OUTBOX.c.due_at <= now)
        .order_by(OUTBOX.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has no need of it: one writer at a time
    )
    return list((await connection.execute(statement)).scalars())


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


def _settled(state: DeliveryState, now: float, error: str | None) -> dict[str, Any]:
    changes = {"state": state, "lease_owner": None, "settled_at": now}
    return changes if error is None else changes | {"last_error": error[:_ERROR_LENGTH]}
