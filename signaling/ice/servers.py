"""ICE servers as configuration and providers write them."""

import json
import logging
from typing import NotRequired

from typing_extensions import TypedDict

from rtc_server.base.config import IceServer
from rtc_server.peer.ice.server import checked_uri

log = logging.getLogger(__name__)


class IceServerEntry(TypedDict):
    """``RTCIceServer`` of the browsers; a STUN server has no credentials."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


def parse_ice_servers(text: str) -> tuple[IceServer, ...]:
    """Read servers as a person configures them: one that no browser would take is an error.

    Raises ``ValueError`` with what is wrong.
    """
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise ValueError(f"is not JSON: {why}") from None
    return tuple(_server(entry) for entry in _entries(value))


def provided_ice_servers(value: object) -> tuple[IceServer, ...]:
    """The servers in a provider's answer, without what no browser would take.

    Twilio's STUN URLs once had a ``?transport=udp``, for which every browser throws: that is cut
    off. Raises ``ValueError`` where nothing is left.
    """
    servers, wrong = [], []
    for entry in _entries(value):
        try:
            servers.append(_server(entry, mend=True))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        log.warning("%d ICE servers of the provider are left out: %s", len(wrong), wrong[0])
    if not servers:
        raise ValueError("there is no ICE server in the answer")
    return tuple(servers)


def _entries(value: object) -> list[object]:
    """The list in parsed JSON: bare, or as ``iceServers`` or ``ice_servers``.

    One entry alone does as well (Cloudflare), and so does an envelope ``v`` around it all (Xirsys).
    """
    if isinstance(value, dict) and isinstance(value.get("v"), dict):
        value = value["v"]
    if isinstance(value, dict) and not value.keys() & {"urls", "url"}:
        value = value.get("iceServers", value.get("ice_servers"))
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise ValueError('must be a list of {"urls": …} or hold one as "iceServers"')  # noqa: TRY004 - one kind of error for the caller
    return value


def ice_servers_json(servers: tuple[IceServer, ...]) -> list[IceServerEntry]:
    """The servers as ``RTCIceServer`` dictionaries for a browser."""
    return [_entry(server) for server in servers]


def _entry(server: IceServer) -> IceServerEntry:
    if server.username is None:
        return {"urls": list(server.urls)}
    credential = server.credential or ""
    return {"urls": list(server.urls), "username": server.username, "credential": credential}


def _server(entry: object, *, mend: bool = False) -> IceServer:
    """``mend``: leave out of its URLs what no browser takes, as long as one is left."""
    if not isinstance(entry, dict):
        raise ValueError('each entry must be an object with "urls"')  # noqa: TRY004
    given = entry.get("urls", entry.get("url"))
    urls = _urls(given if isinstance(given, list) else [given], mend=mend)
    username, credential = _text(entry, "username"), _text(entry, "credential", "password")
    if any(url.startswith("turn") for url in urls) and not (username and credential):
        raise ValueError(f"{urls[0]!r} needs username and credential")
    if username is None:
        credential = None
    return IceServer(urls=urls, username=username, credential=credential)


def _urls(given: list[object], *, mend: bool) -> tuple[str, ...]:
    found, wrong = [], 'an entry has no "urls"'
    for url in given:
        try:
            if not isinstance(url, str):
                raise ValueError('"urls" must be stun:, turn: or turns: addresses')  # noqa: TRY004, TRY301
            found.append(checked_uri(_without_transport(url) if mend else url))
        except ValueError as error:
            wrong = str(error)
            if not mend:
                raise
    if not found:
        raise ValueError(wrong)
    return tuple(found)


def _without_transport(url: str) -> str:
    return url.partition("?")[0] if url.lower().startswith("stun") else url


def _text(entry: dict[str, object], *names: str) -> str | None:
    """The first of ``names`` that is there; some providers write numbers."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return None


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
