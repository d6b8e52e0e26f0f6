"""Which ICE servers a peer gets: a static list, our own TURN server, or a provider's."""

import logging
import re
from dataclasses import dataclass
from typing import Any

import aiohttp

from rtc_server.base.clock import Clock
from rtc_server.base.config import IceServer
from signaling.ice.credentials import rest_credentials
from signaling.ice.servers import ice_servers_of

FETCH_SECONDS = 3.0
FALLBACK_LIFETIME = 300.0
"""Seconds that a provider's answer is kept when it does not say how long it lasts."""
SAFETY = 0.8
"""Share of a provider's lifetime after which new credentials are fetched."""
LIFETIME_FIELDS = ("ttl", "ttlSeconds", "lifetime", "expires_in")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IceConfig:
    """Where ICE servers come from."""

    static: tuple[IceServer, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str | None = None
    turn_ttl: float = 3600.0
    provider_url: str | None = None
    provider_token: str | None = None


class IceDirectory:
    """Hands out ICE servers, with credentials of their own for each session."""

    def __init__(self, config: IceConfig, clock: Clock) -> None:
        """Nothing is fetched before it is asked for."""
        self._config = config
        self._clock = clock
        self._provided: tuple[IceServer, ...] = ()
        self._renew_at = 0.0

    async def servers(self, name: str) -> tuple[IceServer, ...]:
        """The servers for the session or student ``name``, best first."""
        await self._refresh()
        return (*self._own(name), *self._config.static, *self._provided)

    def _own(self, name: str) -> tuple[IceServer, ...]:
        config = self._config
        if not config.turn_urls or config.turn_secret is None:
            return ()
        expires_at = int(self._clock.now().timestamp() + config.turn_ttl)
        username, credential = rest_credentials(config.turn_secret, name, expires_at)
        return (IceServer(config.turn_urls, username, credential),)

    async def _refresh(self) -> None:
        """Ask the provider when it is time; keep the old answer while it does not answer."""
        if self._config.provider_url is None or self._clock.monotonic() < self._renew_at:
            return
        try:
            body = await self._fetch(self._config.provider_url)
            self._provided = ice_servers_of(body)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("the provider of ICE servers did not answer: %s", type(error).__name__)
            self._renew_at = self._clock.monotonic() + FETCH_SECONDS
            return
        lifetime = _lifetime(body, self._provided, self._clock.now().timestamp())
        self._renew_at = self._clock.monotonic() + SAFETY * lifetime

    async def _fetch(self, url: str) -> Any:  # noqa: ANN401 - JSON
        token = self._config.provider_token
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(url, headers=headers, raise_for_status=True) as response,
        ):
            return await response.json(content_type=None)


def _lifetime(body: object, servers: tuple[IceServer, ...], now: float) -> float:
    """Seconds that a provider's credentials last, by its own word or by their usernames."""
    for name in LIFETIME_FIELDS:
        value = body.get(name) if isinstance(body, dict) else None
        if isinstance(value, int | float) and value > 0:
            return float(value)
    stamps = [re.match(r"(\d{10})(?::|$)", server.username or "") for server in servers]
    left = [int(stamp[1]) - now for stamp in stamps if stamp is not None]
    return max(1.0, min(left)) if left else FALLBACK_LIFETIME
