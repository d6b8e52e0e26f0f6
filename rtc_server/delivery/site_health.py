"""Asks the site's endpoint each minute, storing nothing; a task of the front process's loop."""

import asyncio
import enum
import logging
from typing import Protocol

from rtc_server.delivery.php import Presence

INTERVAL = 60.0
SERVER_ERROR = 500

log = logging.getLogger(__name__)


class SiteHealth(enum.StrEnum):
    """As ``/metrics`` tells it."""

    NONE = "none"
    UNKNOWN = "unknown"
    OK = "ok"
    FAILED = "failed"


class Site(Protocol):
    """What can be asked."""

    async def look(self) -> Presence:
        """Ask what is there."""
        ...


class SiteWatch:
    """Knows of a site that is down before the outbox is old.

    Attributes:
        health: what the last look found; ``none`` where records go nowhere.

    """

    def __init__(self, site: Site | None) -> None:
        """``site``: ``None`` without TRACKING_SAVE_URL."""
        self.health = SiteHealth.NONE if site is None else SiteHealth.UNKNOWN
        self._site = site

    async def run(self) -> None:
        """Look each minute, the first time after one, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            await self.look()

    async def look(self) -> None:
        """Ask now."""
        if self._site is None:
            return
        presence = await self._site.look()
        answers = presence.status is not None and presence.status < SERVER_ERROR
        found = SiteHealth.OK if answers else SiteHealth.FAILED
        if found is SiteHealth.FAILED and self.health is not found:
            log.warning("the site's endpoint is down: %s", presence.error or presence.status)
        elif found is SiteHealth.OK and self.health is SiteHealth.FAILED:
            log.info("the site's endpoint answers again")
        self.health = found
