"""The metrics of each second, for the timeline, the heat map and the replay."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from rtc_server.store.engine import Database
from rtc_server.store.model import Sample
from rtc_server.store.schema import SAMPLES


class Samples:
    """Samples by session. They are written with its checkpoints: see :class:`Sessions`."""

    def __init__(self, database: Database) -> None:
        """Rows live in ``database``."""
        self._database = database

    async def of(self, session_id: str, *, after: int = -1, limit: int = 3600) -> list[Sample]:
        """Samples in order of time; ``after`` pages by second."""
        statement = (
            select(SAMPLES.c.second, SAMPLES.c.data)
            .where(SAMPLES.c.session_id == session_id, SAMPLES.c.second > after)
            .order_by(SAMPLES.c.second)
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> list[Sample]:
            return [Sample(*row) for row in await connection.execute(statement)]

        return await self._database.read(work)
