"""``DATABASE_URL``, as hosts and frameworks write it, in the words of our drivers. Pure."""

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exc
from sqlalchemy.engine import URL, make_url

from rtc_server.base.errors import StoreError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+asyncmy",
    "mariadb": "mysql+asyncmy",
}
_PATIENCE: dict[str, dict[str, Any]] = {
    "sqlite": {},
    "postgresql": {
        "timeout": 10,
        "command_timeout": 15,
        # A pooler such as PgBouncer gives each transaction another connection to the server, where
        # a statement that was prepared under a name is not known, or is another's.
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,
    },
    "mysql": {"connect_timeout": 10, "read_timeout": 15},
}
"""Seconds that a server may be silent: a network that swallows packets must not hold us up."""
_YES = frozenset({"1", "true", "yes", "on", "require", "required"})
_NO = frozenset({"0", "false", "no", "off", "disable", "disabled"})
_TLS_MODES = {
    "disable": "disable",
    "disabled": "disable",
    "allow": "prefer",
    "prefer": "prefer",
    "preferred": "prefer",
    "require": "require",
    "required": "require",
    "verify-ca": "verify-ca",
    "verify_ca": "verify-ca",
    "verify-full": "verify-full",
    "verify-identity": "verify-full",
    "verify_identity": "verify-full",
}
_SECRET_PART = re.compile(r"[:@/?#%&=]+")
_SHORTEST_SECRET = 3


@dataclass(slots=True)
class _Told:
    """What the parameters of one address have said so far."""

    kind: str
    connect: dict[str, Any]
    query: dict[str, str] = field(default_factory=dict)
    """What the driver understands by itself."""
    tls: str | None = None
    authority: str | None = None
    """A file with the certificates that are trusted."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is, and how it is connected to."""

    url: URL
    connect: Mapping[str, Any]
    """What the driver is told besides."""
    secrets: tuple[str, ...] = field(repr=False)
    """What must not be told, whatever an error says of it; the longest first."""

    def masked(self, text: str) -> str:
        """``text`` without what is secret in the address."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def read_address(text: str) -> Address:
    """Read it; raises :class:`StoreError` with a sentence that holds nothing secret."""
    url = _parsed(text)
    name = url.get_backend_name()
    driver = _DRIVERS.get(name)
    if driver is None:
        raise StoreError(f"no driver for {name!r}: sqlite, postgresql or mariadb")
    url = url.set(drivername=driver)
    kind = url.get_backend_name()
    told = _Told(kind, dict(_PATIENCE[kind]))
    for parameter, value in url.query.items():
        _take(told, parameter, value if isinstance(value, str) else value[-1])
    told.connect |= _tls(told)
    return Address(url.set(query=told.query), told.connect, _secrets(text))


def _parsed(text: str) -> URL:
    authority = text.partition("://")[2].partition("?")[0]
    if authority.count("@") > 1:
        raise StoreError("DATABASE_URL has several '@': write those of a password as %40")
    try:
        return make_url(text)
    except (exc.ArgumentError, ValueError):
        # its message may hold a password
        raise StoreError("DATABASE_URL is no database address") from None


def _secrets(text: str) -> tuple[str, ...]:
    """The password and its parts: an address that is misread is told in pieces."""
    credentials = text.partition("://")[2].rpartition("@")[0].partition(":")[2]
    parts = {credentials, *_SECRET_PART.split(credentials)}
    long = [part for part in parts if len(part) >= _SHORTEST_SECRET]
    return tuple(sorted(long, key=len, reverse=True))


# -------------------------------------------------------------------- parameters


def _take(told: _Told, name: str, value: str) -> None:
    take = _PARAMETERS[told.kind].get(name.lower())
    if take is None:
        known = ", ".join(sorted(_PARAMETERS[told.kind])) or "none"
        raise StoreError(f"DATABASE_URL: {name!r} is no parameter that is known here ({known})")
    try:
        take(told, name, value)
    except ValueError:
        raise StoreError(f"DATABASE_URL: {name!r} has a value that means nothing here") from None


def _as_it_is(told: _Told, name: str, value: str) -> None:
    told.query[name] = value


def _mode(told: _Told, _name: str, value: str) -> None:
    lower = value.lower()
    if lower not in _TLS_MODES:
        raise ValueError(lower)
    told.tls = _TLS_MODES[lower]


def _switch(told: _Told, _name: str, value: str) -> None:
    if value.lower() in _TLS_MODES:
        told.tls = _TLS_MODES[value.lower()]
    elif _is_yes(value):
        told.tls = told.tls or "require"
    else:
        told.tls = "disable"


def _verify(told: _Told, _name: str, value: str) -> None:
    if _is_yes(value):
        told.tls = "verify-full"


def _accept(told: _Told, _name: str, value: str) -> None:
    """Prisma's word for MySQL."""
    modes = {"strict": "verify-full", "accept_invalid_certs": "require"}
    if value not in modes:
        raise ValueError(value)
    told.tls = modes[value]


def _authority(told: _Told, _name: str, value: str) -> None:
    told.authority = value
    told.tls = told.tls if told.tls in {"verify-ca", "verify-full"} else "verify-ca"


def _patience(key: str, unit: float) -> Callable[[_Told, str, str], None]:
    def take(told: _Told, _name: str, value: str) -> None:
        seconds = float(value) * unit
        if not 0 < seconds < 600:  # noqa: PLR2004 - ten minutes are no patience any more
            raise ValueError(value)
        told.connect[key] = seconds if told.kind == "postgresql" else max(1, round(seconds))

    return take


def _server_setting(key: str) -> Callable[[_Told, str, str], None]:
    def take(told: _Told, _name: str, value: str) -> None:
        told.connect.setdefault("server_settings", {})[key] = value

    return take


def _session(told: _Told, _name: str, value: str) -> None:
    told.connect["target_session_attrs"] = value


def _fulfilled(told: _Told, name: str, value: str) -> None:
    """Asks for what is so in any case, as ``pgbouncer=true`` does."""


def _not_required(_told: _Told, _name: str, value: str) -> None:
    if value.lower() == "require":
        raise ValueError(value)  # this driver cannot bind to the channel


def _charset(told: _Told, _name: str, value: str) -> None:
    if value.lower().replace("-", "") not in {"utf8", "utf8mb4"}:
        raise ValueError(value)
    told.query["charset"] = "utf8mb4"


def _is_yes(value: str) -> bool:
    if value.lower() not in _YES | _NO:
        raise ValueError(value)
    return value.lower() in _YES


_PARAMETERS: dict[str, dict[str, Callable[[_Told, str, str], None]]] = {
    "sqlite": {},
    "postgresql": {
        "host": _as_it_is,
        "port": _as_it_is,
        "sslmode": _mode,
        "ssl": _switch,
        "sslrootcert": _authority,
        "connect_timeout": _patience("timeout", 1.0),
        "schema": _server_setting("search_path"),
        "currentschema": _server_setting("search_path"),
        "search_path": _server_setting("search_path"),
        "application_name": _server_setting("application_name"),
        "target_session_attrs": _session,
        "channel_binding": _not_required,
        "gssencmode": _not_required,
        "pgbouncer": _fulfilled,
        "prepared_statement_cache_size": _fulfilled,
        "statement_cache_size": _fulfilled,
    },
    "mysql": {
        "unix_socket": _as_it_is,
        "socket": lambda told, _name, value: _as_it_is(told, "unix_socket", value),
        "charset": _charset,
        "characterencoding": _charset,
        "useunicode": _fulfilled,
        "ssl-mode": _mode,
        "ssl_mode": _mode,
        "sslmode": _mode,
        "ssl": _switch,
        "usessl": _switch,
        "requiressl": _switch,
        "verifyservercertificate": _verify,
        "sslaccept": _accept,
        "ssl_ca": _authority,
        "ssl-ca": _authority,
        "sslcert": _authority,
        "connect_timeout": _patience("connect_timeout", 1.0),
        "connecttimeout": _patience("connect_timeout", 0.001),
    },
}


def _tls(told: _Told) -> dict[str, Any]:
    """What the driver is told of TLS: nothing, PostgreSQL's word for trying it, or a context.

    MySQL's driver cannot try: where TLS is merely preferred there is none.
    """
    if told.tls is None or told.kind == "sqlite":
        return {}
    if told.tls in {"disable", "prefer"}:
        return {"ssl": told.tls} if told.kind == "postgresql" else {}
    try:
        context = ssl.create_default_context(cafile=told.authority)
    except (OSError, ValueError):
        raise StoreError("DATABASE_URL: the file of trusted certificates cannot be read") from None
    context.check_hostname = told.tls == "verify-full"
    if told.tls == "require":
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}
