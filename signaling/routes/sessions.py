"""``/api/sessions``: what is stored, for staff, and a session for its own student."""

import math
from typing import Any

from aiohttp import hdrs, web

from rtc_server.errors import SessionNotFound
from rtc_server.store.model import SessionRow, SessionState
from signaling import records
from signaling.access.viewer import require_owner_or_staff, require_staff
from signaling.errors import BadRequest, Forbidden
from signaling.keys import STORE

MOST = 500
PRIVATE = {hdrs.CACHE_CONTROL: "no-store"}


def add(app: web.Application) -> None:
    """Add the list, a session, and its two exports."""
    app.router.add_get("/api/sessions", sessions)
    app.router.add_get("/api/sessions/{session_id}", session)
    app.router.add_get("/api/sessions/{session_id}/export.json", export_json)
    app.router.add_get("/api/sessions/{session_id}/export.csv", export_csv)


async def sessions(request: web.Request) -> web.Response:
    """List sessions, the newest first, by ``user_id, module_id, state, limit, before``."""
    viewer = require_staff(request)
    limit = _limit(request)
    found = await request.app[STORE].sessions.find(
        user_id=request.query.get("user_id"),
        module_id=request.query.get("module_id"),
        state=_state(request),
        modules=viewer.module_ids,
        before=_before(request),
        limit=limit,
    )
    body = {
        "sessions": [records.overview(row) for row in found],
        "next_before": found[-1].started_at if len(found) == limit else None,
    }
    return web.json_response(body, headers=PRIVATE)


async def session(request: web.Request) -> web.Response:
    """One session."""
    row = await readable_row(request)
    return web.json_response(await records.detail(request.app[STORE], row), headers=PRIVATE)


async def export_json(request: web.Request) -> web.Response:
    """All that is stored of one session."""
    row = await readable_row(request)
    body = await records.everything(request.app[STORE], row)
    return web.json_response(body, headers=PRIVATE | _as_file(row, "json"))


async def export_csv(request: web.Request) -> web.Response:
    """The session's samples, a row a second."""
    row = await readable_row(request)
    samples = [sample async for sample in records.samples_of(request.app[STORE], row)]
    text = records.as_csv(samples)
    headers = PRIVATE | _as_file(row, "csv")
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)


async def readable_row(request: web.Request) -> SessionRow:
    """The session that the URL names, if whoever asks may read it.

    Raises :class:`Unauthorized`, :class:`SessionNotFound` or :class:`Forbidden`.
    """
    viewer = require_owner_or_staff(request)
    row = await request.app[STORE].sessions.get(request.match_info["session_id"])
    if row is None:
        raise SessionNotFound
    if not viewer.may_see(row):
        raise Forbidden
    return row


def _as_file(row: SessionRow, kind: str) -> dict[str, Any]:
    return {hdrs.CONTENT_DISPOSITION: f'attachment; filename="session-{row.session_id}.{kind}"'}


def _state(request: web.Request) -> SessionState | None:
    text = request.query.get("state")
    if text is None:
        return None
    try:
        return SessionState(text)
    except ValueError:
        raise BadRequest(f"state is one of {', '.join(SessionState)}", code="bad_state") from None


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", "100")
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST):
        raise BadRequest(f"limit is a number from 1 to {MOST}", code="bad_limit")
    return int(text)


def _before(request: web.Request) -> float | None:
    text = request.query.get("before")
    if text is None:
        return None
    try:
        before = float(text)
    except ValueError:
        before = math.nan
    if not math.isfinite(before):
        raise BadRequest("before is a time in UTC epoch seconds", code="bad_before")
    return before
