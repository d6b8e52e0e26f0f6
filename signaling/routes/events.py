"""``GET /whip/{resource}/events``: the session's messages as server-sent events.

For publishers without a data channel, and for whoever may watch along. In the front process.
"""

import asyncio
from contextlib import suppress

from aiohttp import hdrs, web

from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import Overloaded, SessionNotFound, StoreError, WorkerLost
from rtc_server.front.mailbox import Mailbox
from rtc_server.front.placement import Placement
from rtc_server.metrics import wire
from rtc_server.metrics.message import summary_message
from rtc_server.metrics.model import SessionSummary
from rtc_server.store.model import SessionState
from signaling.app_keys import PLACEMENT, STORE, STREAMS
from signaling.http.streams import send
from signaling.openapi import refusals
from signaling.openapi.operation import Content, Who, operation, refusal
from signaling.routes.whip import row_of

SILENT_SECONDS = 1.0
"""After so long without a word the store is asked what has become of the session."""
KEEP_ALIVE = 15
"""Silences after which a sign of life is sent, lest a proxy takes the stream for dead."""
HEADERS = {
    hdrs.CONTENT_TYPE: "text/event-stream",
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",
}


def add(app: web.Application) -> None:
    """Add the stream."""
    app.router.add_get("/whip/{resource}/events", events, allow_head=False)


@operation(
    Who.STUDENT,
    {200: Content("text/event-stream", wire.ServerMessage)},
    refusals.NO_SESSION,
    refusal(Overloaded),
    refusals.STORE,
)
async def events(request: web.Request) -> web.StreamResponse:
    """Stream messages until the session has ended, wherever it goes on, or the client leaves."""
    placement = request.app[PLACEMENT]
    row = await row_of(request)
    with request.app[STREAMS].open(row.session_id):
        listening = placement.listen(row.session_id)
        response = web.StreamResponse(headers=HEADERS)
        try:
            await _watch(placement, row.session_id, on=True)
            await response.prepare(request)
            with suppress(ConnectionResetError):
                await _stream(request, response, listening, row.session_id)
        finally:
            listening.close()
            if not placement.is_heard(row.session_id):
                await _watch(placement, row.session_id, on=False)
    return response


async def _watch(placement: Placement, session_id: str, *, on: bool) -> None:
    """Have the worker that holds it now tell what it says; at times none does."""
    with suppress(SessionNotFound, WorkerLost):
        await placement.watch(session_id, on=on)


async def _stream(
    request: web.Request, response: web.StreamResponse, listening: Mailbox, session_id: str
) -> None:
    silences = 0
    while True:
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                text = await listening.get()
        except TimeoutError:
            silences += 1
            last_words = await _last_words(request.app, session_id)
            if last_words is not None:
                if last_words:
                    await send(request, response, f"data: {last_words}\n\n")
                return
            if silences % KEEP_ALIVE == 0:
                await send(request, response, ": still here\n\n")
            continue
        silences = 0
        await send(request, response, f"data: {text}\n\n")
        if isinstance(_parsed(text), wire.Summary):
            return


async def _last_words(app: web.Application, session_id: str) -> str | None:
    """The summary of a session that was ended elsewhere, empty where none is kept.

    ``None``: it goes on, and whichever worker holds it by now is asked to tell what it says.
    """
    try:
        row = await app[STORE].sessions.get(session_id)
    except StoreError:
        return None
    if row is None:  # erased
        return ""
    if row.state is not SessionState.ENDED:
        await _watch(app[PLACEMENT], session_id, on=True)
        return None
    try:
        summary = SessionSummary(**(row.summary or {}))
        return wire.encode(summary_message(session_id, EndReason(row.end_reason or ""), summary))
    except (TypeError, ValueError):  # by another version of this service
        return ""


def _parsed(text: str) -> wire.ServerMessage | None:
    return wire.decode_server(text) if '"summary"' in text else None
