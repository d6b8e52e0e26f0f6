"""``GET /api/privacy``: what a page must know to tell a student what agreeing means."""

from aiohttp import web
from pydantic import BaseModel

from signaling.app_keys import SETTINGS
from signaling.http.response import json_answer
from signaling.openapi.operation import Who, json_of, operation


class Privacy(BaseModel):
    """What is kept of a session, and for how long."""

    retention_days: float
    """Days after its end that a session's numbers are deleted (``RETENTION_DAYS``)."""


def add(app: web.Application) -> None:
    """Add the one resource."""
    app.router.add_get("/api/privacy", privacy)


@operation(Who.ANYONE, {200: json_of(Privacy)})
async def privacy(request: web.Request) -> web.Response:
    """Say for how long a session's numbers are kept: consent comes before any token."""
    return json_answer(Privacy(retention_days=request.app[SETTINGS].retention_days))
