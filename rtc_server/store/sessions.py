"""Sessions and their checkpoints: who holds one, how far it got, how it ended."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import CursorResult, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.base.clock import Clock
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed, StaleEpoch
from rtc_server.store import rows
from rtc_server.store.engine import Database
from rtc_server.store.model import (
    Claim,
    MakeDelivery,
    NewSession,
    Sample,
    SessionRow,
    SessionState,
)
from rtc_server.store.schema import SESSIONS

_FIRST_EPOCH = 1
_ALIVE = SESSIONS.c.state != SessionState.ENDED


class Sessions:
    """The sessions of all workers.

    Every method may raise :class:`StoreUnavailable`. Those that take an ``epoch`` raise
    :class:`StaleEpoch` when somebody newer holds the session, :class:`SessionNotFound` when
    there is none, and (all but ``end``) :class:`SessionClosed` when it has ended; nothing
    is changed then.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        """Rows live in ``database``; ``clock`` stamps them."""
        self._database = database
        self._clock = clock

    async def create(self, new: NewSession) -> int:
        """Write the row of a session that begins; returns its first epoch."""
        now = self._now()
        values = {
            "session_id": new.session_id,
            "user_id": new.user_id,
            "module_id": new.module_id,
            "section_id": new.section_id,
            "state": SessionState.NEW,
            "epoch": _FIRST_EPOCH,
            "worker": new.worker,
            "resource_hash": new.resource_hash,
            "resume_hash": new.resume_hash,
            "client": new.client,
            "started_at": now,
            "updated_at": now,
            "deadline_at": new.deadline_at,
            "record_seq": 0,
        }

        async def work(connection: AsyncConnection) -> int:
            await connection.execute(insert(SESSIONS).values(values))
            return _FIRST_EPOCH

        return await self._database.write(work)

    async def claim(self, session_id: str, worker: str, *, seen: int | None = None) -> Claim:
        """Become the holder: the epoch grows, and whoever held it before writes no more.

        ``seen``: take it only while its epoch is still this one (:class:`StaleEpoch`
        otherwise), so that a reaper never takes what a client has just resumed.
        Raises :class:`SessionClosed` when it has ended.
        """
        await self._database.let_holders_write()

        async def work(connection: AsyncConnection) -> Claim:
            row = await rows.lock(connection, session_id)
            _refuse_claim(row, seen)
            changes = {"epoch": row.epoch + 1, "worker": worker, "updated_at": self._now()}
            await rows.change(connection, session_id, changes)
            return Claim(
                row=await rows.lock(connection, session_id),
                checkpoint=await rows.checkpoint(connection, session_id),
            )

        return await self._database.write(work)

    async def readdress(self, session_id: str, resource_hash: str) -> None:
        """Give a resumed session its new resource URL; the old one ends."""

        async def work(connection: AsyncConnection) -> None:
            await rows.change(connection, session_id, {"resource_hash": resource_hash})

        await self._database.write(work)

    async def checkpoint(
        self,
        session_id: str,
        epoch: int,
        *,
        state: SessionState,
        snapshot: dict[str, Any],
        deadline_at: float | None,
        delivery: MakeDelivery | None = None,
        samples: Sequence[Sample] = (),
    ) -> None:
        """Store how far the account is, in one transaction with a running record and samples.

        ``deadline_at``: when others may end the session unless it is written again.
        """

        async def work(connection: AsyncConnection) -> None:
            now = self._now()
            row = await rows.hold(connection, session_id, epoch)
            changes = {"state": state, "deadline_at": deadline_at, "updated_at": now}
            await rows.change(connection, session_id, changes)
            await rows.put_checkpoint(connection, session_id, snapshot, now)
            await rows.put_samples(connection, session_id, samples)
            await rows.enqueue(connection, row, delivery, now)

        await self._database.write(work)

    async def mark(
        self, session_id: str, epoch: int, state: SessionState, deadline_at: float | None
    ) -> None:
        """Change state and deadline without a checkpoint."""

        async def work(connection: AsyncConnection) -> None:
            await rows.hold(connection, session_id, epoch)
            changes = {"state": state, "deadline_at": deadline_at, "updated_at": self._now()}
            await rows.change(connection, session_id, changes)

        await self._database.write(work)

    async def end(
        self,
        session_id: str,
        epoch: int,
        reason: EndReason,
        summary: dict[str, Any],
        delivery: MakeDelivery | None = None,
        samples: Sequence[Sample] = (),
    ) -> bool:
        """End it: reason, summary, the record for the site and the last samples in one.

        Returns False, and changes nothing, when the same holder has ended it before.
        """

        async def work(connection: AsyncConnection) -> bool:
            now = self._now()
            row = await rows.held(connection, session_id, epoch)
            if row.state is SessionState.ENDED:
                return False
            await rows.change(connection, session_id, _ending(now, reason, summary))
            await rows.drop_checkpoint(connection, session_id)
            await rows.put_samples(connection, session_id, samples)
            await rows.enqueue(connection, row, delivery, now)
            return True

        return await self._database.write(work)

    async def release(self, worker: str, deadline_at: float) -> int:
        """``worker`` is gone: its sessions wait for their clients until ``deadline_at``.

        Returns how many.
        """
        statement = (
            update(SESSIONS)
            .where(SESSIONS.c.worker == worker, _ALIVE)
            .values(
                state=SessionState.RECONNECTING,
                worker=None,
                deadline_at=deadline_at,
                updated_at=self._now(),
            )
        )

        async def work(connection: AsyncConnection) -> int:
            result: CursorResult[Any] = await connection.execute(statement)
            return result.rowcount

        return await self._database.write(work)

    async def postpone(self, deadline_at: float) -> int:
        """No session is overdue before ``deadline_at``; returns how many would have been."""
        statement = (
            update(SESSIONS)
            .where(_ALIVE, SESSIONS.c.deadline_at < deadline_at)
            .values(deadline_at=deadline_at)
        )

        async def work(connection: AsyncConnection) -> int:
            result: CursorResult[Any] = await connection.execute(statement)
            return result.rowcount

        return await self._database.write(work)

    async def overdue(self, now: float | None = None, limit: int = 100) -> list[SessionRow]:
        """Sessions whose deadline has passed, the longest first.

        To end one: ``claim`` it with ``seen=row.epoch``, then ``end`` it from its checkpoint.
        """
        instant = self._now() if now is None else now
        return await self._rows(
            select(SESSIONS)
            .where(_ALIVE, SESSIONS.c.deadline_at <= instant)
            .order_by(SESSIONS.c.deadline_at)
            .limit(limit)
        )

    async def get(self, session_id: str) -> SessionRow | None:
        """Find the session by its public id."""
        return _first(await self._rows(select(SESSIONS).where(SESSIONS.c.session_id == session_id)))

    async def by_resource(self, resource_hash: str) -> SessionRow | None:
        """Find the session behind a resource URL, by the hash of the URL's secret."""
        return _first(
            await self._rows(select(SESSIONS).where(SESSIONS.c.resource_hash == resource_hash))
        )

    async def live_of(
        self, user_id: str, module_id: str, section_id: str | None
    ) -> list[SessionRow]:
        """Sessions of this student and section that have not ended, the newest first."""
        return await self._rows(
            select(SESSIONS)
            .where(
                SESSIONS.c.user_id == user_id,
                SESSIONS.c.module_id == module_id,
                # a plain == would compare with NULL, which is never true
                SESSIONS.c.section_id.is_not_distinct_from(section_id),
                _ALIVE,
            )
            .order_by(SESSIONS.c.started_at.desc())
        )

    async def find(
        self,
        *,
        user_id: str | None = None,
        module_id: str | None = None,
        state: SessionState | None = None,
        alive: bool = False,
        modules: Collection[str] | None = None,
        before: float | None = None,
        limit: int = 100,
    ) -> list[SessionRow]:
        """Sessions that match, the newest first; ``before`` pages by ``started_at``.

        ``alive``: only those that have not ended. ``modules``: of these only, whatever else is
        asked for.
        """
        statement = select(SESSIONS).order_by(SESSIONS.c.started_at.desc(), SESSIONS.c.session_id)
        wanted = {"user_id": user_id, "module_id": module_id, "state": state}
        for name, value in wanted.items():
            if value is not None:
                statement = statement.where(SESSIONS.c[name] == value)
        if alive:
            statement = statement.where(_ALIVE)
        if modules is not None:
            statement = statement.where(SESSIONS.c.module_id.in_(modules))
        if before is not None:
            statement = statement.where(SESSIONS.c.started_at < before)
        return await self._rows(statement.limit(limit))

    async def _rows(self, statement: Select[Any]) -> list[SessionRow]:
        async def work(connection: AsyncConnection) -> list[SessionRow]:
            result = await connection.execute(statement)
            return [rows.session(row) for row in result.mappings()]

        return await self._database.read(work)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _refuse_claim(row: SessionRow, seen: int | None) -> None:
    if row.state is SessionState.ENDED:
        raise SessionClosed
    if seen not in (None, row.epoch):
        raise StaleEpoch


def _ending(now: float, reason: EndReason, summary: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": SessionState.ENDED,
        "worker": None,
        "deadline_at": None,
        "updated_at": now,
        "ended_at": now,
        "end_reason": reason,
        "summary": summary,
    }


def _first(found: list[SessionRow]) -> SessionRow | None:
    return found[0] if found else None
