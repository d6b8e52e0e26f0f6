"""What is forgotten: a student's data on request, everybody's after a time."""

from typing import Any

from sqlalchemy import CursorResult, Delete, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.store.engine import Database
from rtc_server.store.model import DeliveryState
from rtc_server.store.schema import OUTBOX, SAMPLES, SESSIONS


class Retention:
    """Deletes sessions with everything that belongs to them."""

    def __init__(self, database: Database) -> None:
        """Rows live in ``database``."""
        self._database = database

    async def erase(self, user_id: str) -> int:
        """Delete a student's sessions, samples, consents and records, delivered or not.

        Returns how many sessions. One that is running finds itself gone at its next write.
        """
        return await self._delete(delete(SESSIONS).where(SESSIONS.c.user_id == user_id))

    async def forget(self, before: float) -> int:
        """Delete what ended before ``before`` (UTC epoch seconds); returns how many sessions.

        A session whose record has not reached the site stays, without its samples.
        """
        old = SESSIONS.c.ended_at < before
        of_old = SAMPLES.c.session_id.in_(select(SESSIONS.c.session_id).where(old))
        await self._delete(delete(SAMPLES).where(of_old))
        undelivered = exists().where(
            OUTBOX.c.session_id == SESSIONS.c.session_id,
            OUTBOX.c.state != DeliveryState.DELIVERED,
        )
        return await self._delete(delete(SESSIONS).where(old, ~undelivered))

    async def _delete(self, statement: Delete) -> int:
        async def work(connection: AsyncConnection) -> int:
            result: CursorResult[Any] = await connection.execute(statement)
            return result.rowcount

        return await self._database.write(work)
