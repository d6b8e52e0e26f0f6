"""The metrics of each second, for the timeline, the heat map and the replay."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, select
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
            return _readable(await connection.execute(statement))

        return await self._database.read(work)

    async def newest(self, session_ids: Sequence[str], seconds: int) -> dict[str, list[Sample]]:
        """The last ``seconds`` samples of each session, in order of time."""
        newest_first = (
            select(SAMPLES.c.second, SAMPLES.c.data)
            .where(SAMPLES.c.session_id == bindparam("session"))
            .order_by(SAMPLES.c.second.desc())
            .limit(seconds)
        )

        async def work(connection: AsyncConnection) -> dict[str, list[Sample]]:
            found = {}
            for session_id in session_ids:
                rows = await connection.execute(newest_first, {"session": session_id})
                found[session_id] = _readable(rows)[::-1]
            return found

        return await self._database.read(work)


def _readable(found: Iterable[Any]) -> list[Sample]:
    """The samples of ``found``; a second that cannot be read is as if it had none."""
    return [Sample(second, data) for second, data in found if isinstance(data, dict)]
