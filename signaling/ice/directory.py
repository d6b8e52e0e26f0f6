"""Which ICE servers a peer gets: a static list, our own TURN server, or a provider's."""

import base64
import logging
import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

import aiohttp

from rtc_server.base.clock import Clock
from rtc_server.base.config import IceServer
from rtc_server.base.outbound import proxy_for, trusted
from signaling.ice.credentials import rest_credentials
from signaling.ice.servers import provided_ice_servers

FETCH_SECONDS = 3.0
FALLBACK_LIFETIME = 300.0
"""Seconds that a provider's answer is kept when it does not say how long it lasts."""
SAFETY = 0.8
"""Share of a provider's lifetime after which new credentials are fetched."""
LIFETIME_FIELDS = ("ttl", "ttlSeconds", "lifetime", "expires_in")

WRONG_METHOD = frozenset({400, 404, 405, 411, 415, 501})
"""What providers answer to a method that they do not take."""
Method = Literal["GET", "POST", "PUT"]
METHODS: tuple[Method, ...] = ("GET", "POST", "PUT")
Request = AbstractAsyncContextManager[aiohttp.ClientResponse]

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
    """A bearer token, or ``name:password``."""
    provider_method: Literal["auto", "GET", "POST", "PUT"] = "auto"


class IceDirectory:
    """Hands out ICE servers, with credentials of their own for each session.

    Attributes:
        problem: why the provider's last answer is of no use; empty where it is.

    """

    def __init__(self, config: IceConfig, clock: Clock) -> None:
        """Nothing is fetched before it is asked for."""
        self._config = config
        self._clock = clock
        self.problem = ""
        self._method: Method | None = None
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
            self._provided = provided_ice_servers(body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self.problem = _told(error)
            log.warning("the provider of ICE servers did not answer: %s", self.problem)
            self._renew_at = self._clock.monotonic() + FETCH_SECONDS
            return
        self.problem = ""
        lifetime = _lifetime(body, self._provided, self._clock.now().timestamp())
        self._renew_at = self._clock.monotonic() + SAFETY * lifetime

    async def _fetch(self, url: str) -> Any:  # noqa: ANN401 - JSON
        """Ask as the provider wants to be asked: Metered by GET, Twilio and Cloudflare by POST.

        Which it is shows in its refusal of the others, and is kept.
        """
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            for method in self._methods():
                async with self._asked(http, method, url) as response:
                    if response.status in WRONG_METHOD and method != self._methods()[-1]:
                        continue
                    response.raise_for_status()
                    if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                        raise ValueError(f"{response.status}: it redirects")
                    self._method = method
                    return await response.json(content_type=None)
        return None

    def _methods(self) -> tuple[Method, ...]:
        if self._config.provider_method != "auto":
            return (self._config.provider_method,)
        return METHODS if self._method is None else (self._method,)

    def _asked(self, http: aiohttp.ClientSession, method: Method, url: str) -> Request:
        headers = {"Accept": "application/json"}
        token = self._config.provider_token
        if token is not None and ":" in token:
            headers["Authorization"] = f"Basic {base64.b64encode(token.encode()).decode()}"
        elif token is not None:
            headers["Authorization"] = f"Bearer {token}"
        wanted = {"ttl": int(self._config.turn_ttl), "format": "urls"}
        return http.request(
            method,
            url,
            headers=headers,
            json=None if method == "GET" else wanted,
            allow_redirects=False,
            ssl=trusted(),
            proxy=proxy_for(url),
        )


def _told(error: Exception) -> str:
    """In one line, without the provider's address, which may hold a key."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{error.status} {error.message}"[:100]
    return str(error)[:200] if isinstance(error, ValueError) else type(error).__name__


def _lifetime(body: object, servers: tuple[IceServer, ...], now: float) -> float:
    """Seconds that a provider's credentials last, by its own word or by their usernames."""
    for name in LIFETIME_FIELDS:
        value = body.get(name) if isinstance(body, dict) else None
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value[:9])  # Twilio's is a text
        if isinstance(value, int | float) and value > 0:
            return float(value)
    stamps = [re.match(r"(\d{10})(?::|$)", server.username or "") for server in servers]
    left = [int(stamp[1]) - now for stamp in stamps if stamp is not None]
    return max(1.0, min(left)) if left else FALLBACK_LIFETIME
