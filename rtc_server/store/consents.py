"""What a student agreed to before the first frame was analysed."""

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.store import rows
from rtc_server.store.engine import Database
from rtc_server.store.schema import CONSENTS

MOST_VERSIONS = 16
"""Of the text, in one session: a page shows one."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The version of the text, and when (UTC epoch seconds) it was agreed to."""

    version: str
    given_at: float


class Consents:
    """Consents by session; kept and erased with it."""

    def __init__(self, database: Database) -> None:
        """Rows live in ``database``."""
        self._database = database

    async def give(self, session_id: str, version: str) -> None:
        """Write down that the student agreed to ``version``; the first time counts.

        Beyond ``MOST_VERSIONS`` of a session none is written: it has shown no such text.

        Raises :class:`SessionNotFound`.
        """

        async def work(connection: AsyncConnection) -> None:
            await rows.lock(connection, session_id)
            known = {consent.version for consent in await _of(connection, session_id)}
            if version not in known and len(known) < MOST_VERSIONS:
                values = {"session_id": session_id, "version": version}
                now = await self._database.now(connection)
                await connection.execute(insert(CONSENTS).values(**values, given_at=now))

        await self._database.write(work)

    async def of(self, session_id: str) -> list[Consent]:
        """The consents of a session, the oldest first."""

        async def work(connection: AsyncConnection) -> list[Consent]:
            return await _of(connection, session_id)

        return await self._database.read(work)


async def _of(connection: AsyncConnection, session_id: str) -> list[Consent]:
    statement = (
        select(CONSENTS.c.version, CONSENTS.c.given_at)
        .where(CONSENTS.c.session_id == session_id)
        .order_by(CONSENTS.c.given_at)
    )
    return [Consent(*row) for row in await connection.execute(statement)]
