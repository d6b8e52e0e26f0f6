"""``/api/users/{user_id}``: one student's data, to take along and to erase (GDPR, 15, 17, 20)."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import hdrs, web

from rtc_server.errors import SessionNotFound
from rtc_server.store import Store
from rtc_server.store.model import SessionRow, SessionState
from signaling import records
from signaling.access.viewer import require_owner_or_staff, require_staff_of_all
from signaling.keys import ADMISSION, STORE

PAGE = 100


def add(app: web.Application) -> None:
    """Add export and erasure."""
    app.router.add_get("/api/users/{user_id}/export", export, allow_head=False)
    app.router.add_delete("/api/users/{user_id}", erase)


async def export(request: web.Request) -> web.StreamResponse:
    """Stream all that is stored of a student, as far as whoever asks may see it."""
    viewer = require_owner_or_staff(request, request.match_info["user_id"])
    store, user_id = request.app[STORE], request.match_info["user_id"]
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.CONTENT_DISPOSITION: 'attachment; filename="student.json"',
            hdrs.CACHE_CONTROL: "no-store",
        }
    )
    await response.prepare(request)
    await response.write(f'{{"user_id": {json.dumps(user_id)}, "sessions": ['.encode())
    separator = ""
    async for row in _sessions_of(store, user_id):
        if viewer.may_see(row):
            text = json.dumps(await records.everything(store, row))
            await response.write(f"{separator}{text}".encode())
            separator = ", "
    await response.write(b"]}")
    return response


async def erase(request: web.Request) -> web.Response:
    """Delete all that is stored of a student; what runs is ended first."""
    require_staff_of_all(request)
    store, user_id = request.app[STORE], request.match_info["user_id"]
    async for row in _sessions_of(store, user_id):
        if row.state is not SessionState.ENDED:
            with suppress(SessionNotFound):
                await request.app[ADMISSION].end_session(row.session_id)
    erased = await store.retention.erase(user_id)
    return web.json_response({"user_id": user_id, "erased_sessions": erased})


async def _sessions_of(store: Store, user_id: str) -> AsyncIterator[SessionRow]:
    before = None
    while page := await store.sessions.find(user_id=user_id, before=before, limit=PAGE):
        for row in page:
            yield row
        before = page[-1].started_at
