"""``GET /api/live`` and ``/api/sessions/{session_id}/events``: what runs now, second by second.

Each event is one JSON object: ``at`` (UTC epoch seconds) and ``sessions``, those that are new or
have changed; the first has all. A connection that is slow is told less often, never more at once.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from aiohttp import web

from rtc_server.base.errors import Overloaded
from rtc_server.store.model import SessionRow, SessionState
from signaling.app_keys import BOARD, STREAMS
from signaling.http.errors import Unauthorized
from signaling.http.streams import send
from signaling.live.entry import Entry, LiveRound
from signaling.live.watcher import Watcher
from signaling.openapi.operation import Content, Who, operation, refusal
from signaling.openapi.refusals import NO_SESSION, STORE
from signaling.routes.events import HEADERS
from signaling.routes.sessions import readable_row
from signaling.routes.viewer import Viewer, require_owner_or_staff, require_staff


def add(app: web.Application) -> None:
    """Add both streams."""
    app.router.add_get("/api/live", live, allow_head=False)
    app.router.add_get("/api/sessions/{session_id}/events", session_events, allow_head=False)


STREAM = {200: Content("text/event-stream", LiveRound)}


@operation(Who.STAFF, STREAM, refusal(Overloaded))
async def live(request: web.Request) -> web.StreamResponse:
    """Every session that runs in the modules of whoever asks, until their token expires."""
    viewer = require_staff(request)
    async with request.app[BOARD].watching(_seen_by(viewer)) as watcher:
        response = await _begin(request)
        with request.app[STREAMS].open(), suppress(ConnectionResetError, Unauthorized):
            while (entries := await watcher.take()) is not None:
                require_staff(request)
                await _send(request, response, entries)
    return response


@operation(Who.OWNER, STREAM, NO_SESSION, STORE, refusal(Overloaded))
async def session_events(request: web.Request) -> web.StreamResponse:
    """One session, until it has ended; for staff and for its own student."""
    row = await readable_row(request)
    if row.state is SessionState.ENDED:
        response = await _begin(request)
        await _send(request, response, [Entry(row, None)])
        return response
    async with request.app[BOARD].watching(_is(row)) as watcher:
        response = await _begin(request)
        with request.app[STREAMS].open(), suppress(ConnectionResetError, Unauthorized):
            await _follow(request, response, watcher)
    return response


def _seen_by(viewer: Viewer) -> Callable[[Entry], bool]:
    return lambda entry: viewer.may_see_module(entry.module_id)


def _is(row: SessionRow) -> Callable[[Entry], bool]:
    return lambda entry: entry.session_id == row.session_id


async def _follow(request: web.Request, response: web.StreamResponse, watcher: Watcher) -> None:
    while (entries := await watcher.take()) is not None:
        require_owner_or_staff(request)
        await _send(request, response, entries)
        if any(entry.is_over for entry in entries):
            return


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    return response


async def _send(
    request: web.Request, response: web.StreamResponse, entries: Iterable[Entry]
) -> None:
    at = round(request.app[BOARD].now(), 3)
    sessions = ",".join(entry.text for entry in entries)
    await send(request, response, f'data: {{"at":{at},"sessions":[{sessions}]}}\n\n')
