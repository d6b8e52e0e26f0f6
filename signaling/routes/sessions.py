"""``/api/sessions``: what is stored, for staff, and a session for its own student."""

from typing import Annotated, Any

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, Field

from rtc_server.base.errors import SessionNotFound
from rtc_server.store.model import SessionRow, SessionState
from signaling.app_keys import STORE
from signaling.http.errors import BadRequest, Forbidden
from signaling.http.request import Id, is_id, read_query
from signaling.http.response import NOT_STORED, json_answer
from signaling.openapi.operation import Content, Who, json_of, operation, refusal
from signaling.openapi.refusals import NO_SESSION
from signaling.openapi.refusals import STORE as NO_STORE
from signaling.reports import records
from signaling.routes.viewer import require_owner_or_staff, require_staff

MOST = 500


class SessionQuery(BaseModel):
    """Which sessions, and how many of them."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    user_id: Id | None = None
    module_id: Id | None = None
    state: SessionState | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    before: Annotated[float | None, Field(allow_inf_nan=False)] = None
    """Those that started before this, in UTC epoch seconds."""


class SessionPage(BaseModel):
    """Some sessions, the newest first."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    sessions: list[records.SessionOverview]
    next_before: float | None
    """``before`` of the next page; ``null`` on the last."""


def add(app: web.Application) -> None:
    """Add the list, a session, and its two exports."""
    app.router.add_get("/api/sessions", sessions)
    app.router.add_get("/api/sessions/{session_id}", session)
    app.router.add_get("/api/sessions/{session_id}/export.json", export_json)
    app.router.add_get("/api/sessions/{session_id}/export.csv", export_csv)


@operation(
    Who.STAFF,
    {200: json_of(SessionPage)},
    refusal(BadRequest, "bad_user_id", "bad_module_id", "bad_state", "bad_limit", "bad_before"),
    NO_STORE,
    query=SessionQuery,
)
async def sessions(request: web.Request) -> web.Response:
    """List sessions, the newest first, by ``user_id, module_id, state, limit, before``."""
    viewer = require_staff(request)
    asked = read_query(request, SessionQuery)
    found = await request.app[STORE].sessions.find(
        user_id=asked.user_id,
        module_id=asked.module_id,
        state=asked.state,
        modules=viewer.module_ids,
        before=asked.before,
        limit=asked.limit,
    )
    body = SessionPage(
        sessions=[records.overview(row) for row in found],
        next_before=found[-1].started_at if len(found) == asked.limit else None,
    )
    return json_answer(body, headers=NOT_STORED)


@operation(Who.OWNER, {200: json_of(records.SessionDetail)}, NO_SESSION, NO_STORE)
async def session(request: web.Request) -> web.Response:
    """One session."""
    row = await readable_row(request)
    return json_answer(await records.detail(request.app[STORE], row), headers=NOT_STORED)


@operation(Who.OWNER, {200: json_of(records.SessionExport)}, NO_SESSION, NO_STORE)
async def export_json(request: web.Request) -> web.Response:
    """All that is stored of one session."""
    row = await readable_row(request)
    body = await records.everything(request.app[STORE], row)
    return json_answer(body, headers={**NOT_STORED, **_as_file(row, "json")})


@operation(Who.OWNER, {200: Content("text/csv")}, NO_SESSION, NO_STORE)
async def export_csv(request: web.Request) -> web.Response:
    """The session's samples, a row a second."""
    row = await readable_row(request)
    samples = [sample async for sample in records.samples_of(request.app[STORE], row)]
    text = records.as_csv(samples)
    headers = {**NOT_STORED, **_as_file(row, "csv")}
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)


async def readable_row(request: web.Request) -> SessionRow:
    """The session that the URL names, if whoever asks may read it.

    Raises :class:`Unauthorized`, :class:`SessionNotFound` or :class:`Forbidden`.
    """
    viewer = require_owner_or_staff(request)
    session_id = request.match_info["session_id"]
    row = await request.app[STORE].sessions.get(session_id) if is_id(session_id) else None
    if row is None:
        raise SessionNotFound
    if not viewer.may_see(row):
        raise Forbidden
    return row


def _as_file(row: SessionRow, kind: str) -> dict[str, Any]:
    return {hdrs.CONTENT_DISPOSITION: f'attachment; filename="session-{row.session_id}.{kind}"'}
