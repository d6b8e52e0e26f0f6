"""``GET /api/ice-servers``: what a browser passes to ``RTCPeerConnection``."""

from aiohttp import web

from signaling.ice_servers import ice_servers_json
from signaling.keys import SETTINGS


def add(app: web.Application) -> None:
    """Add the list."""
    app.router.add_get("/api/ice-servers", ice_servers)


async def ice_servers(request: web.Request) -> web.Response:
    """List the configured servers."""
    body = {"ice_servers": ice_servers_json(request.app[SETTINGS].ice_servers)}
    return web.json_response(body, headers={"Cache-Control": "no-store"})
