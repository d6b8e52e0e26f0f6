"""``GET /api/ice-servers``: what a browser passes to ``RTCPeerConnection``."""

import secrets

from aiohttp import web
from pydantic import BaseModel

from signaling.access.auth import bearer
from signaling.app_keys import AUTH, ICE
from signaling.http.response import NOT_STORED, json_answer
from signaling.ice.servers import IceServerEntry, ice_servers_json
from signaling.openapi.operation import Who, json_of, operation
from signaling.openapi.refusals import STORE


class IceServerList(BaseModel):
    """What ``RTCPeerConnection`` takes as ``iceServers``."""

    ice_servers: list[IceServerEntry]


def add(app: web.Application) -> None:
    """Add the list."""
    app.router.add_get("/api/ice-servers", ice_servers)


@operation(Who.STUDENT, {200: json_of(IceServerList)}, STORE)
async def ice_servers(request: web.Request) -> web.Response:
    """List the servers, with credentials that end with a session: a relay for ours only.

    The session token is not used up: the offer that follows brings it again.
    """
    await request.app[AUTH].check_alive(bearer(request))
    servers = await request.app[ICE].servers(secrets.token_hex(8))
    return json_answer(IceServerList(ice_servers=ice_servers_json(servers)), headers=NOT_STORED)
