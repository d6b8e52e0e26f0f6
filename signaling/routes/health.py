"""``/healthz``: the process lives (fields of the old service). ``/readyz``: it takes sessions."""

from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from rtc_server.base.supervisor import TaskHealth
from signaling.app_keys import PLACEMENT, SETTINGS, STORE, SUPERVISOR, TURN
from signaling.http.response import json_answer
from signaling.ice.watch import TurnHealth
from signaling.openapi.operation import Who, json_of, operation


class Health(BaseModel):
    """The process lives, and what it was set to."""

    status: Literal["ok"] = "ok"
    camera_enabled: bool
    model: str
    browser_streaming_enabled: bool


class Readiness(BaseModel):
    """Whether sessions are taken, and whether a TURN server can be used."""

    ready: bool
    store: Literal["ok", "failed"]
    """``failed``: no session can begin, for its row cannot be written."""
    turn: TurnHealth
    tasks: dict[str, TaskHealth]
    """The tasks of this process that live as long as it does."""


def add(app: web.Application) -> None:
    """Add both probes."""
    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", ready)


@operation(Who.ANYONE, {200: json_of(Health)})
async def health(request: web.Request) -> web.Response:
    """Answer 200 as long as the process lives."""
    settings = request.app[SETTINGS]
    return json_answer(
        Health(
            camera_enabled=settings.camera_enabled,
            model=settings.model_name,
            browser_streaming_enabled=settings.enable_browser_eye_streaming,
        )
    )


@operation(Who.ANYONE, {200: json_of(Readiness), 503: json_of(Readiness)})
async def ready(request: web.Request) -> web.Response:
    """Answer 200 once sessions are taken, 503 before, while stopping and while the store is away.

    ``turn`` says whether a TURN server can be used; without one most students still connect.
    ``tasks`` names what runs beside the requests: ``restarting`` where it failed within a minute.
    """
    store_up = request.app[STORE].up
    is_ready = request.app[PLACEMENT].ready() and store_up
    body = Readiness(
        ready=is_ready,
        store="ok" if store_up else "failed",
        turn=request.app[TURN].health,
        tasks=request.app[SUPERVISOR].health(),
    )
    return json_answer(body, status=200 if is_ready else 503)
