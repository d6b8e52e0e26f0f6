"""``/api/users/{user_id}``: one student's data, to take along and to erase (GDPR, 15, 17, 20)."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import hdrs, web
from pydantic import BaseModel

from rtc_server.base.errors import SessionNotFound
from rtc_server.store import Store
from rtc_server.store.model import SessionRow, SessionState
from signaling.app_keys import ADMISSION, STORE
from signaling.http.errors import BadRequest
from signaling.http.request import MAX_ID_LENGTH, is_id
from signaling.http.response import json_answer
from signaling.http.streams import send
from signaling.openapi.operation import Who, json_of, operation, refusal
from signaling.openapi.refusals import STORE as NO_STORE
from signaling.reports import records
from signaling.routes.viewer import require_owner_or_staff, require_staff_of_all

PAGE = 100
BAD_ID = refusal(BadRequest, "bad_user_id")


class StudentExport(BaseModel):
    """All that is stored of a student."""

    user_id: str
    sessions: list[records.SessionExport]


class Erasure(BaseModel):
    """What was erased."""

    user_id: str
    erased_sessions: int


def add(app: web.Application) -> None:
    """Add export and erasure."""
    app.router.add_get("/api/users/{user_id}/export", export, allow_head=False)
    app.router.add_delete("/api/users/{user_id}", erase)


@operation(Who.OWNER, {200: json_of(StudentExport)}, BAD_ID, NO_STORE)
async def export(request: web.Request) -> web.StreamResponse:
    """Stream all that is stored of a student, as far as whoever asks may see it."""
    viewer = require_owner_or_staff(request, request.match_info["user_id"])
    store, user_id = request.app[STORE], _user_id(request)
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.CONTENT_DISPOSITION: 'attachment; filename="student.json"',
            hdrs.CACHE_CONTROL: "no-store",
        }
    )
    await response.prepare(request)
    await send(request, response, f'{{"user_id": {json.dumps(user_id)}, "sessions": [')
    separator = ""
    async for row in _sessions_of(store, user_id):
        if viewer.may_see(row):
            text = (await records.everything(store, row)).model_dump_json()
            await send(request, response, f"{separator}{text}")
            separator = ", "
    await send(request, response, "]}")
    return response


@operation(Who.STAFF, {200: json_of(Erasure)}, BAD_ID, NO_STORE)
async def erase(request: web.Request) -> web.Response:
    """Delete all that is stored of a student; what runs is ended first."""
    require_staff_of_all(request)
    store, user_id = request.app[STORE], _user_id(request)
    async for row in _sessions_of(store, user_id):
        if row.state is not SessionState.ENDED:
            with suppress(SessionNotFound):
                await request.app[ADMISSION].end_session(row.session_id)
    erased = await store.retention.erase(user_id)
    return json_answer(Erasure(user_id=user_id, erased_sessions=erased))


def _user_id(request: web.Request) -> str:
    user_id = request.match_info["user_id"]
    if not is_id(user_id):
        raise BadRequest(f"user_id must have 1 to {MAX_ID_LENGTH} characters", code="bad_user_id")
    return user_id


async def _sessions_of(store: Store, user_id: str) -> AsyncIterator[SessionRow]:
    before = None
    while page := await store.sessions.find(user_id=user_id, before=before, limit=PAGE):
        for row in page:
            yield row
        before = page[-1].started_at
