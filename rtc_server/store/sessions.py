"""Sessions and their checkpoints: who holds one, how far it got, how it ended."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import (
    CursorResult,
    Executable,
    Select,
    and_,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

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
from rtc_server.store.schema import CHECKPOINTS, SESSIONS

_FIRST_EPOCH = 1
_ALIVE = SESSIONS.c.state != SessionState.ENDED
_ASIDE = and_(
    SESSIONS.c.state == SessionState.ENDED,
    exists().where(CHECKPOINTS.c.session_id == SESSIONS.c.session_id),
)


class Sessions:
    """The sessions of all workers.

    Every method may raise :class:`StoreUnavailable`. Those that take an ``epoch`` raise
    :class:`StaleEpoch` when somebody newer holds the session, :class:`SessionNotFound` when
    there is none, and (all but ``end``) :class:`SessionClosed` when it has ended; nothing
    is changed then.
    """

    def __init__(self, database: Database) -> None:
        """Rows live in ``database``, whose clock stamps them."""
        self._database = database

    @property
    def keep_time(self) -> bool:
        """Whether :meth:`overdue` can be believed: see :attr:`Database.keeps_time`."""
        return self._database.keeps_time

    async def create(self, new: NewSession) -> int:
        """Write the row of a session that begins; returns its first epoch."""
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
            "record_seq": 0,
        }

        async def work(connection: AsyncConnection) -> int:
            now = await self._database.now(connection)
            times = {"started_at": now, **_written(now, new.expires_in)}
            await connection.execute(insert(SESSIONS).values(values | times))
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
            now = await self._database.now(connection)
            changes = {"epoch": row.epoch + 1, "worker": worker, "updated_at": now}
            await rows.change(connection, session_id, changes)
            left = await rows.checkpoint(connection, session_id)
            return Claim(
                row=await rows.lock(connection, session_id),
                checkpoint=None if left is None else left.snapshot,
                unreadable=left is not None and left.snapshot is None,
                age=0.0 if left is None else max(0.0, now - left.taken_at),
                held_for=0.0 if left is None else max(0.0, row.updated_at - left.taken_at),
                certain=self._database.keeps_time,
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
        expires_in: float | None,
        delivery: MakeDelivery | None = None,
        samples: Sequence[Sample] = (),
    ) -> None:
        """Store how far the account is, in one transaction with a running record and samples.

        ``expires_in``: seconds after which others may end the session unless it is written again.
        """

        async def work(connection: AsyncConnection) -> None:
            row = await rows.hold(connection, session_id, epoch)
            now = await self._database.now(connection)
            changes = {"state": state, **_written(now, expires_in)}
            await rows.change(connection, session_id, changes)
            await rows.put_checkpoint(connection, session_id, snapshot, now)
            await rows.put_samples(connection, session_id, samples)
            await rows.enqueue(connection, row, delivery, now)

        await self._database.write(work)

    async def mark(
        self, session_id: str, epoch: int, state: SessionState, expires_in: float | None
    ) -> None:
        """Change state and deadline without a checkpoint."""

        async def work(connection: AsyncConnection) -> None:
            await rows.hold(connection, session_id, epoch)
            now = await self._database.now(connection)
            changes = {"state": state, **_written(now, expires_in)}
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
        *,
        keep_checkpoint: bool = False,
    ) -> bool:
        """End it: reason, summary, the record for the site and the last samples in one.

        ``keep_checkpoint``: it could not be read, and is set aside for a person.
        Returns False, and changes nothing, when the same holder has ended it before.
        """

        async def work(connection: AsyncConnection) -> bool:
            now = await self._database.now(connection)
            row = await rows.held(connection, session_id, epoch)
            if row.state is SessionState.ENDED:
                return False
            await rows.change(connection, session_id, _ending(now, reason, summary))
            if not keep_checkpoint:
                await rows.drop_checkpoint(connection, session_id)
            await rows.put_samples(connection, session_id, samples)
            await rows.enqueue(connection, row, delivery, now)
            return True

        return await self._database.write(work)

    async def set_aside(self, session_id: str, epoch: int, summary: dict[str, Any]) -> None:
        """End what cannot be settled, as an error and without a record; its checkpoint stays.

        Nothing is changed where it has another ``epoch`` than this one, or has ended.
        """

        async def work(connection: AsyncConnection) -> None:
            now = await self._database.now(connection)
            changes = {**_ending(now, EndReason.ERROR, summary), "epoch": epoch + 1}
            its = and_(SESSIONS.c.session_id == session_id, SESSIONS.c.epoch == epoch, _ALIVE)
            await connection.execute(update(SESSIONS).where(its).values(changes))

        await self._database.write(work)

    async def aside(self, limit: int = 100) -> list[SessionRow]:
        """Ended sessions whose checkpoint could not be read and is kept, the newest first."""
        return await self._rows(
            select(SESSIONS)
            .where(_ASIDE)
            .order_by(SESSIONS.c.ended_at.desc(), SESSIONS.c.session_id)
            .limit(limit)
        )

    async def count_aside(self) -> int:
        """How many :meth:`aside` would find."""

        async def work(connection: AsyncConnection) -> int:
            statement = select(func.count()).select_from(SESSIONS).where(_ASIDE)
            return int(await connection.scalar(statement) or 0)

        return await self._database.read(work)

    async def release(self, worker: str, seconds: float) -> int:
        """``worker`` is gone: its sessions wait for their clients for ``seconds``.

        Returns how many.
        """

        def statement(now: float) -> Executable:
            changes = {"state": SessionState.RECONNECTING, "worker": None}
            its = and_(SESSIONS.c.worker == worker, _ALIVE)
            return update(SESSIONS).where(its).values({**changes, **_written(now, seconds)})

        return await self._change(statement)

    async def postpone(self, seconds: float) -> int:
        """No session is overdue for ``seconds``; returns how many would have been."""

        def statement(now: float) -> Executable:
            early = and_(_ALIVE, SESSIONS.c.deadline_at < now + seconds)
            return update(SESSIONS).where(early).values(deadline_at=now + seconds)

        return await self._change(statement)

    async def overdue(self, limit: int = 100) -> list[SessionRow]:
        """Sessions whose deadline has passed, the longest first.

        To end one: ``claim`` it with ``seen=row.epoch``, then ``end`` it from its checkpoint.
        """

        async def work(connection: AsyncConnection) -> list[SessionRow]:
            statement = (
                select(SESSIONS)
                .where(_ALIVE, SESSIONS.c.deadline_at <= await self._database.now(connection))
                .order_by(SESSIONS.c.deadline_at)
                .limit(limit)
            )
            found = await connection.execute(statement)
            return [rows.session(row) for row in found.mappings()]

        return await self._database.read(work)

    async def watched(self) -> list[SessionRow]:
        """All sessions that others may end once they are not written any more."""
        return await self._rows(select(SESSIONS).where(_ALIVE, SESSIONS.c.deadline_at.is_not(None)))

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

    async def _change(self, make: Callable[[float], Executable]) -> int:
        async def work(connection: AsyncConnection) -> int:
            statement = make(await self._database.now(connection))
            result: CursorResult[Any] = await connection.execute(statement)
            return result.rowcount

        return await self._database.write(work)


def _refuse_claim(row: SessionRow, seen: int | None) -> None:
    if row.state is SessionState.ENDED:
        raise SessionClosed
    if seen not in (None, row.epoch):
        raise StaleEpoch


def _written(now: float, expires_in: float | None) -> dict[str, Any]:
    """What each write stamps; the deadline less ``updated_at`` is how long others wait."""
    return {"updated_at": now, "deadline_at": None if expires_in is None else now + expires_in}


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
