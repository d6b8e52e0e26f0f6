"""The URIs of STUN and TURN servers, taken apart for aioice."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Any

from rtc_server.base.config import IceServer
from rtc_server.base.outbound import trusted

# RFC 7064 and RFC 7065; the host may be an IPv6 literal in brackets.
_URI = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>\d{1,5}))?"
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


def checked_uri(text: str) -> str:
    """The URI as every browser takes it, its scheme in lower case and its name in ASCII.

    ``RTCPeerConnection`` throws for all of its servers when it cannot read one (W3C WebRTC,
    "validate an ICE server URL"). Raises ``ValueError`` with a sentence that shows no credentials.
    """
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in {"stun", "stuns", "turn", "turns"}:
        raise ValueError("begins with stun:, stuns:, turn: or turns:")
    if "@" in rest:
        raise ValueError("name and password stand beside an ICE server's URL, not in it")
    if rest.startswith("/"):
        raise ValueError(f"{scheme}:{rest} has no // behind {scheme}:")
    if scheme in {"stun", "stuns"} and "?" in rest:
        raise ValueError(f"{scheme}:{rest} takes no ?transport=, which is for turn: and turns:")
    uri = f"{scheme}:{_in_ascii(rest)}"
    match = _URI.fullmatch(uri)
    if match is None or not _is_host(match["host"]) or not _is_port(match["port"]):
        raise ValueError(
            f"{scheme}:{rest} is not host, host:port or [IPv6]:port, with ?transport=udp or tcp"
        )
    return uri


def _in_ascii(rest: str) -> str:
    """A name in another script as it stands in the DNS (IDNA)."""
    if rest.isascii():
        return rest
    name = re.match(r"[^:?/\[\]]*", rest)
    end = name.end() if name else 0
    try:
        return rest[:end].encode("idna").decode() + rest[end:]
    except UnicodeError:
        return rest


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return True
    try:
        IPv6Address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_port(port: str | None) -> bool:
    return port is None or 0 < int(port) < 1 << 16


def parse_uri(uri: str) -> ServerAddress | None:
    """Take a ``stun:``, ``turn:`` or ``turns:`` URI apart; None for what this server cannot use."""
    try:
        match = _URI.fullmatch(checked_uri(uri))
    except ValueError:
        return None
    if match is None or match["scheme"] == "stuns":
        return None
    scheme, secure = match["scheme"], match["scheme"] == "turns"
    transport = match["transport"] or ("tcp" if secure else "udp")
    if secure and transport != "tcp":
        return None
    port = int(match["port"] or (5349 if secure else 3478))
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
        "turn_ssl": trusted() if address.scheme == "turns" else False,
        "turn_transport": address.transport,
    }
