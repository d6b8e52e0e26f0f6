"""``GET /api/ice-servers``: what a browser passes to ``RTCPeerConnection``."""

import secrets

from aiohttp import web

from signaling.access.auth import bearer
from signaling.ice.servers import ice_servers_json
from signaling.keys import AUTH, ICE


def add(app: web.Application) -> None:
    """Add the list."""
    app.router.add_get("/api/ice-servers", ice_servers)


async def ice_servers(request: web.Request) -> web.Response:
    """List the servers, with credentials that end with a session: a relay for ours only.

    The session token is not used up: the offer that follows brings it again.
    """
    await request.app[AUTH].check_alive(bearer(request))
    servers = await request.app[ICE].servers(secrets.token_hex(8))
    body = {"ice_servers": ice_servers_json(servers)}
    return web.json_response(body, headers={"Cache-Control": "no-store"})
