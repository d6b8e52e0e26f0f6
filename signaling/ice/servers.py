"""ICE servers as configuration and providers write them."""

import json
from typing import NotRequired

from typing_extensions import TypedDict

from rtc_server.base.config import IceServer

SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


class IceServerEntry(TypedDict):
    """``RTCIceServer`` of the browsers; a STUN server has no credentials."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


def parse_ice_servers(text: str) -> tuple[IceServer, ...]:
    """Read a JSON list, ``{"iceServers": […]}`` or ``{"ice_servers": […]}``.

    Raises ``ValueError`` with what is wrong.
    """
    try:
        return ice_servers_of(json.loads(text))
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None


def ice_servers_of(value: object) -> tuple[IceServer, ...]:
    """The servers in parsed JSON of one of the three shapes; raises ``ValueError``."""
    if isinstance(value, dict):
        value = value.get("iceServers", value.get("ice_servers"))
    if not isinstance(value, list):
        raise ValueError('must be a list of {"urls": …} or hold one as "iceServers"')  # noqa: TRY004 - one kind of error for the caller
    return tuple(_server(entry) for entry in value)


def ice_servers_json(servers: tuple[IceServer, ...]) -> list[IceServerEntry]:
    """The servers as ``RTCIceServer`` dictionaries for a browser."""
    return [_entry(server) for server in servers]


def _entry(server: IceServer) -> IceServerEntry:
    if server.username is None:
        return {"urls": list(server.urls)}
    credential = server.credential or ""
    return {"urls": list(server.urls), "username": server.username, "credential": credential}


def _server(entry: object) -> IceServer:
    if not isinstance(entry, dict):
        raise ValueError('each entry must be an object with "urls"')  # noqa: TRY004
    urls = entry.get("urls", entry.get("url"))
    urls = (urls,) if isinstance(urls, str) else tuple(urls or ())
    if not urls or not all(isinstance(url, str) and url.startswith(SCHEMES) for url in urls):
        raise ValueError(f'"urls" must be stun:, turn: or turns: addresses, not {urls!r}')
    username, credential = entry.get("username"), entry.get("credential")
    if any(url.startswith(("turn:", "turns:")) for url in urls) and not (username and credential):
        raise ValueError(f"{urls[0]!r} needs username and credential")
    return IceServer(urls=urls, username=username, credential=credential)


def link_headers(servers: tuple[IceServer, ...]) -> list[str]:
    """``Link`` header values for a WHIP client (RFC 9725, section 4.6)."""
    return [_link(url, server) for server in servers for url in server.urls]


def _link(url: str, server: IceServer) -> str:
    link = f'<{url}>; rel="ice-server"'
    if server.username is None:
        return link
    secret = f'username="{_quoted(server.username)}"; credential="{_quoted(server.credential)}"'
    return f'{link}; {secret}; credential-type="password"'


def _quoted(text: str | None) -> str:
    return (text or "").replace("\\", "\\\\").replace('"', '\\"')
