"""Watches the TURN servers: which of their URLs work, asked at the start and each minute."""

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from rtc_server.base.config import IceServer
from rtc_server.peer.ice.server import parse_uri
from rtc_server.peer.ice.turn_probe import TurnAnswer, probe_turn

INTERVAL = 60.0
ANSWER_SECONDS = 3.0
NAME = "probe"
"""For whom the credentials of the probe are made out."""

log = logging.getLogger(__name__)

Probe = Callable[[IceServer, float], Awaitable[TurnAnswer | None]]


class TurnHealth(enum.StrEnum):
    """As ``/readyz`` tells it."""

    NONE = "none"
    UNKNOWN = "unknown"
    OK = "ok"
    FAILED = "failed"


class Servers(Protocol):
    """Where the servers come from."""

    async def servers(self, name: str) -> tuple[IceServer, ...]:
        """Servers with credentials for ``name``, best first."""
        ...


async def ask_all(
    servers: tuple[IceServer, ...], probe: Probe = probe_turn
) -> dict[str, TurnAnswer]:
    """Ask every TURN server of ``servers`` at every URL that peers can use, all at once."""
    single = [
        replace(server, urls=(url,)) for server in servers for url in server.urls if _is_turn(url)
    ]
    answers = await asyncio.gather(*(probe(one, ANSWER_SECONDS) for one in single))
    return {
        one.urls[0]: answer
        for one, answer in zip(single, answers, strict=True)
        if answer is not None
    }


class TurnWatch:
    """Knows the TURN URLs that work from here: the first of each host.

    Attributes:
        health: what the last look found.

    """

    def __init__(self, directory: Servers, *, relay_only: bool, probe: Probe = probe_turn) -> None:
        """``relay_only``: the answering side has no other way than its TURN server."""
        self.health = TurnHealth.UNKNOWN
        self._directory = directory
        self._relay_only = relay_only
        self._probe = probe
        self._works: tuple[str, ...] = ()

    async def servers(self, name: str) -> tuple[IceServer, ...]:
        """All servers with credentials for ``name``, best first: what a browser gets."""
        return await self._directory.servers(name)

    async def run(self) -> None:
        """Look now and each minute, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(INTERVAL)

    async def look(self) -> None:
        """Ask every TURN server at every URL, all at once."""
        self._note(await ask_all(await self._directory.servers(NAME), self._probe))

    def answering(self, servers: tuple[IceServer, ...]) -> tuple[IceServer, ...]:
        """Leave of ``servers`` what the answering side should use: the TURN URLs that work.

        A peer waits in vain for a TURN server that is down. Where none works the TURN servers are
        left out, unless there is no other way.
        """
        known = {url for one in servers for url in one.urls}
        if self.health is TurnHealth.OK and not known.isdisjoint(self._works):
            return _only(servers, self._works)
        if self.health is TurnHealth.FAILED and not self._relay_only:
            return _only(servers, ())
        return servers

    def _note(self, asked: dict[str, TurnAnswer]) -> None:
        works = [url for url, answer in asked.items() if answer is TurnAnswer.SERVES]
        by_host: dict[str, str] = {}
        for url in works:
            by_host.setdefault(_host(url), url)
        self._works = tuple(by_host.values())
        found = TurnHealth.OK if works else TurnHealth.FAILED if asked else TurnHealth.NONE
        if found is not self.health:
            _tell(found, asked)
        self.health = found


def _tell(found: TurnHealth, asked: dict[str, TurnAnswer]) -> None:
    """Log what has changed; of the URLs only how they are reached."""
    ways = ", ".join(f"{_way(url)} {answer.value}" for url, answer in asked.items())
    if found is TurnHealth.FAILED:
        log.warning("no TURN server can be used: %s", ways)
    elif found is TurnHealth.OK:
        log.info("TURN: %s", ways)


def _way(url: str) -> str:
    """``turn/udp``, ``turn/tcp`` or ``turns/tcp``."""
    scheme = url.partition(":")[0]
    tcp = scheme == "turns" or url.endswith("transport=tcp")
    return f"{scheme}/{'tcp' if tcp else 'udp'}"


def _is_turn(url: str) -> bool:
    return url.startswith(("turn:", "turns:"))


def _host(url: str) -> str:
    address = parse_uri(url)
    return url if address is None else address.host


def _only(servers: tuple[IceServer, ...], turn: tuple[str, ...]) -> tuple[IceServer, ...]:
    """``servers`` without the TURN URLs that are not in ``turn``."""
    kept = (
        replace(server, urls=tuple(u for u in server.urls if not _is_turn(u) or u in turn))
        for server in servers
    )
    return tuple(server for server in kept if server.urls)
