"""``GET /openapi.json``: what the service can be asked, for programs; ``/docs`` shows it."""

import json

from aiohttp import web
from pydantic import JsonValue

from signaling.access.auth import AuthMode
from signaling.app_keys import SETTINGS
from signaling.http.response import JSON
from signaling.openapi.document import About, document
from signaling.openapi.operation import Who, json_of, operation
from signaling.settings import Settings

PATH = "/openapi.json"
DESCRIPTION = (
    "A browser publishes its camera, live eye metrics come back, one summary reaches the site. "
    "Errors are problem documents (RFC 9457) with a stable `code`; the protocols of the old "
    "service keep their own shapes. The messages of the data channels, the WebSocket and the "
    "event stream are in `docs/protocol.md`."
)


def add(app: web.Application) -> None:
    """Add the document of all routes that ``app`` has by now, and of its own."""

    @operation(Who.ANYONE, {200: json_of(dict[str, JsonValue])})
    async def openapi(_request: web.Request) -> web.Response:
        """Describe every operation of the service (OpenAPI 3.1)."""
        return web.Response(text=text, content_type=JSON)

    app.router.add_get(PATH, openapi)
    text = json.dumps(document(app, _about(app[SETTINGS])))


def _about(settings: Settings) -> About:
    return About(
        title="Eye tracking",
        version="1",
        description=DESCRIPTION,
        url=settings.python_service_url or "/",
        needs_token=settings.auth_config().mode is AuthMode.TOKEN,
    )
