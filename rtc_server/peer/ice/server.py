"""The URIs of STUN and TURN servers, taken apart for aioice."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rtc_server.base.config import IceServer

# RFC 7064 and RFC 7065; the host may be an IPv6 literal in brackets.
_URI = re.compile(
    r"(?P<scheme>stun|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[^?:\[\]@/\s]+)(:(?P<port>\d{1,5}))?"
    r"(\?transport=(?P<transport>udp|tcp))?"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One URI of a STUN or TURN server, taken apart."""

    scheme: str
    host: str
    port: int
    transport: str

    @property
    def is_stun(self) -> bool:
        """Whether it only tells addresses."""
        return self.scheme == "stun"


def parse_uri(uri: str) -> ServerAddress | None:
    """Take a ``stun:``, ``turn:`` or ``turns:`` URI apart; None for what this server cannot use."""
    match = _URI.fullmatch(uri.strip())
    if match is None:
        return None
    scheme, secure = match["scheme"], match["scheme"] == "turns"
    transport = match["transport"] or ("tcp" if secure else "udp")
    port = int(match["port"] or (5349 if secure else 3478))
    strange = bool(match["transport"]) if scheme == "stun" else secure and transport != "tcp"
    if strange or not 0 < port < 1 << 16:
        return None
    return ServerAddress(scheme, match["host"].strip("[]"), port, transport)


def server_arguments(servers: Iterable[IceServer]) -> dict[str, Any]:
    """Arguments of aioice's ``Connection``: the first usable STUN and TURN server."""
    found: dict[str, Any] = {}
    for server, address in _usable(servers):
        if address.is_stun:
            found.setdefault("stun_server", (address.host, address.port))
        elif "turn_server" not in found:
            found |= _turn_arguments(server, address)
    return found


def turn_arguments(servers: Iterable[IceServer], most: int) -> list[dict[str, Any]]:
    """The same for TURN alone: the first usable URI of each host, at most so many."""
    found: dict[str, dict[str, Any]] = {}
    for server, address in _usable(servers):
        if not address.is_stun and address.host not in found:
            found[address.host] = _turn_arguments(server, address)
    return list(found.values())[:most]


def _usable(servers: Iterable[IceServer]) -> Iterator[tuple[IceServer, ServerAddress]]:
    for server in servers:
        for uri in server.urls:
            address = parse_uri(uri)
            if address is None:
                log.warning("an ICE server URI is not usable here and is left out")
            else:
                yield server, address


def _turn_arguments(server: IceServer, address: ServerAddress) -> dict[str, Any]:
    return {
        "turn_server": (address.host, address.port),
        "turn_username": server.username,
        "turn_password": server.credential,
        "turn_ssl": address.scheme == "turns",
        "turn_transport": address.transport,
    }
