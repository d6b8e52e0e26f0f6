"""Which session tokens have started a session: each may start one."""

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.store.engine import Database
from rtc_server.store.schema import TOKENS

KEPT_SECONDS = 86400.0
"""How long after it expired a token is remembered: longer than any session lasts."""


class _AlreadyUsed(Exception):
    """The row is there: undoes the transaction, which PostgreSQL would not go on with."""


class Tokens:
    """Used tokens, by the hash of their id."""

    def __init__(self, database: Database) -> None:
        """Rows live in ``database``."""
        self._database = database

    async def use(self, token_hash: str, session_id: str, expires_at: float) -> bool:
        """Start ``session_id`` with this token; False when it has started one before.

        Of several processes that try at once, one gets True. ``expires_at``: UTC epoch s.
        """
        values = {"token_hash": token_hash, "session_id": session_id, "expires_at": expires_at}

        async def work(connection: AsyncConnection) -> None:
            old = TOKENS.c.expires_at < await self._database.now(connection) - KEPT_SECONDS
            await connection.execute(delete(TOKENS).where(old))
            try:
                await connection.execute(insert(TOKENS).values(values))
            except IntegrityError:
                raise _AlreadyUsed from None

        try:
            await self._database.write(work)
        except _AlreadyUsed:
            return False
        return True

    async def free(self, token_hash: str, session_id: str) -> None:
        """Nothing came of ``session_id``: its token may start another one."""
        statement = delete(TOKENS).where(
            TOKENS.c.token_hash == token_hash, TOKENS.c.session_id == session_id
        )

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement)

        await self._database.write(work)

    async def session_of(self, token_hash: str) -> str | None:
        """The id of the session that this token has started."""
        statement = select(TOKENS.c.session_id).where(TOKENS.c.token_hash == token_hash)

        async def work(connection: AsyncConnection) -> str | None:
            session_id: str | None = await connection.scalar(statement)
            return session_id

        return await self._database.read(work)
