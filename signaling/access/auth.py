"""Who may do what: session tokens, or none on this machine and where ``AUTH_MODE=open`` says so."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from rtc_server.base.clock import Clock
from rtc_server.store.model import SessionRow, SessionState
from rtc_server.store.store import Store
from signaling.access.address import Network, client_address, is_loopback
from signaling.access.caller import Caller, granted_identity
from signaling.access.read_identity import read_identity
from signaling.access.tokens import Grant, TokenConfig, TokenReader
from signaling.http.errors import Forbidden, Unauthorized

PROBES = frozenset({"/healthz", "/readyz"})
WHAT_TO_SET = (
    "This service takes requests of its own machine only. To let others in set "
    "SESSION_TOKEN_SECRET (or AUTH_MODE=open, to let anyone start a session)."
)


class AuthMode(StrEnum):
    """Who may start a session."""

    LOOPBACK = "loopback"
    """Programs on this machine: the default without a key."""
    OPEN = "open"
    """Anyone."""
    TOKEN = "token"  # noqa: S105 - a mode, no password
    """Who brings a token of the site."""


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """How callers are told apart."""

    mode: AuthMode = AuthMode.LOOPBACK
    tokens: TokenConfig | None = None
    """Also in the open modes, for staff."""
    proxies: tuple[Network, ...] = ()
    """Whose word on the client's address counts."""


class Auth:
    """Reads who a request comes from, and refuses it where that is not enough."""

    def __init__(self, config: AuthConfig, store: Store, clock: Clock) -> None:
        """``store`` knows which token started which session."""
        self._config = config
        self._store = store
        self._reader = None if config.tokens is None else TokenReader(config.tokens, clock)

    @property
    def needs_token(self) -> bool:
        """Whether students need a session token."""
        return self._config.mode is AuthMode.TOKEN

    def address(self, request: web.Request) -> str:
        """The address that limits count, behind as many proxies as are trusted."""
        return client_address(request, self._config.proxies)

    def caller(
        self,
        request: web.Request,
        given: Mapping[str, object],
        client: str,
        token: str | None = None,
    ) -> Caller:
        """Who asks for a session with the ids in ``given``.

        ``token``: for those who cannot send the header. One that has expired passes here: it
        may still send pictures into the session that it started.
        Raises :class:`Unauthorized`, :class:`Forbidden`, :class:`BadRequest`.
        """
        address = self.address(request)
        if not self.needs_token:
            return Caller(read_identity(given, client), address)
        grant = self.student(token or bearer(request))
        return Caller(granted_identity(grant, given, client), address, grant)

    def student(self, token: str | None) -> Grant:
        """The student's grant, expired or not: staff has no sessions."""
        grant = self._read(token)
        if grant.is_staff:
            raise Forbidden("A staff token starts no session.")
        return grant

    def fresh(self, token: str | None) -> Grant:
        """A grant that has not expired, whoever's."""
        grant = self._read(token)
        self.check_fresh(grant)
        return grant

    def check_fresh(self, grant: Grant) -> None:
        """Raise :class:`Unauthorized` when it has expired."""
        if self._reader is not None:
            self._reader.check_fresh(grant)

    async def check_alive(self, token: str | None) -> None:
        """A token that has not expired, or whose session runs: it may have to reconnect."""
        if not self.needs_token:
            return
        grant = self._read(token)
        if not await self._runs(grant):
            self.check_fresh(grant)

    async def check_resource(self, request: web.Request, row: SessionRow) -> None:
        """Who knows a session's secret URL must be its student, too.

        The token that started the session stays good for it until it ends (RFC 9725, 4.6).
        """
        if not self.needs_token:
            return
        grant = self.student(bearer(request))
        if grant.user_id != row.user_id:
            raise Forbidden
        if not await self._keeps(grant, row):
            self.check_fresh(grant)

    async def _runs(self, grant: Grant) -> bool:
        session_id = await self._store.tokens.session_of(grant.token_hash)
        row = None if session_id is None else await self._store.sessions.get(session_id)
        return row is not None and row.state is not SessionState.ENDED

    async def _keeps(self, grant: Grant, row: SessionRow) -> bool:
        if row.state is SessionState.ENDED:
            return False
        return await self._store.tokens.session_of(grant.token_hash) == row.session_id

    def _read(self, token: str | None) -> Grant:
        if self._reader is None:
            raise Forbidden(WHAT_TO_SET, code="auth_required")
        if not token:
            raise Unauthorized
        return self._reader.read(token)

    def is_open_to(self, request: web.Request) -> bool:
        """Whether this request may do what staff may, as nobody else reaches this service."""
        return not self.needs_token and is_loopback(request)


def bearer(request: web.Request) -> str | None:
    """The token of ``Authorization: Bearer``."""
    header = request.headers.get(hdrs.AUTHORIZATION, "")
    found = re.fullmatch(r"bearer +(\S+) *", header, re.IGNORECASE)
    return None if found is None else found[1]


def loopback_only(mode: AuthMode, paths: Collection[str] = PROBES) -> Middleware:
    """Refuse what comes from elsewhere while nobody has said who may; probes pass."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if mode is not AuthMode.LOOPBACK or request.path in paths or is_loopback(request):
            return await handler(request)
        raise Forbidden(WHAT_TO_SET, code="auth_required")

    return middleware
