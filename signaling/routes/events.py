"""``GET /whip/{resource}/events``: the session's messages as server-sent events.

For publishers without a data channel, and for whoever may watch along.
"""

import asyncio
from contextlib import suppress

from aiohttp import hdrs, web

from rtc_server.base.errors import Overloaded, SessionNotFound, WorkerLost
from rtc_server.front.placement import Listening
from rtc_server.metrics import wire
from signaling.app_keys import PLACEMENT, STREAMS
from signaling.http.streams import send
from signaling.openapi.operation import Content, Who, operation, refusal
from signaling.openapi.refusals import NO_SESSION, STORE
from signaling.routes.whip import row_of

KEEP_ALIVE_SECONDS = 15.0
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
    NO_SESSION,
    refusal(WorkerLost),
    refusal(Overloaded),
    STORE,
)
async def events(request: web.Request) -> web.StreamResponse:
    """Stream messages until the summary, or until the client leaves."""
    placement = request.app[PLACEMENT]
    row = await row_of(request)
    with request.app[STREAMS].open(row.session_id):
        await placement.watch(row.session_id, on=True)
        listening = placement.listen(row.session_id)
        response = web.StreamResponse(headers=HEADERS)
        try:
            await response.prepare(request)
            await _stream(request, response, listening)
        finally:
            listening.close()
            if not placement.is_heard(row.session_id):
                with suppress(SessionNotFound, WorkerLost):
                    await placement.watch(row.session_id, on=False)
    return response


async def _stream(request: web.Request, response: web.StreamResponse, listening: Listening) -> None:
    text = ""
    with suppress(ConnectionResetError):
        while not isinstance(_parsed(text), wire.Summary):
            text = await _next(listening)
            event = f"data: {text}\n\n" if text else ": still here\n\n"
            await send(request, response, event)


async def _next(listening: Listening) -> str:
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):
            return await listening.get()
    except TimeoutError:
        return ""


def _parsed(text: str) -> wire.ServerMessage | None:
    return wire.decode_server(text) if '"summary"' in text else None
