"""What is wrong between settings that are right each by itself."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from signaling.settings.fields import Fields, installed

LAST_PORT = 65535


def misfits(given: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each."""
    if ("tls_cert" in given) != ("tls_key" in given):
        yield "TLS_CERT, TLS_KEY: set both or neither"
    for name in ("tls_cert", "tls_key"):
        if name in given and not _is_file(given[name]):
            yield f"{name.upper()}: there is no file {given[name]!r}"
    if ("turn_urls" in given) != ("turn_secret" in given):
        yield "TURN_URLS, TURN_SECRET: set both or neither"
    yield from _port_misfits(given)
    yield from _volatile_store(given)
    yield from _cluster_misfits(given)
    yield from _auth_misfits(given)


def _port_misfits(given: Mapping[str, str]) -> Iterator[str]:
    """What cannot be had at once, or not by so many workers."""
    if {"ice_udp_port", "ice_port_range"} <= given.keys():
        yield (
            "ICE_UDP_PORT, ICE_PORT_RANGE: set one of them; an empty value takes back what the "
            "image sets"
        )
    if "ice_tcp_public" in given and "ice_tcp_port" not in given:
        yield "ICE_TCP_PUBLIC: set ICE_TCP_PORT, where the proxy leads to"
    if "ice_tcp_public" in given and given.get("placement") == "ray":
        yield "ICE_TCP_PUBLIC: a proxy leads to one port, and each worker of a cluster has its own"
    if "ice_tcp_port" in given and given["ice_tcp_port"] == given.get("port", "8080"):
        yield "ICE_TCP_PORT: PORT is the same; video needs a TCP port of its own"
    first, workers = _number(given, "ice_udp_port"), _number(given, "media_workers") or 1
    if first <= LAST_PORT < first + workers - 1:
        yield f"ICE_UDP_PORT: each worker takes the next port, and {workers} do not fit above it"


def _number(given: Mapping[str, str], name: str) -> int:
    """0 where there is none: what is no number is told of elsewhere."""
    text = given.get(name, "")
    return int(text) if text.isdecimal() else 0


def _is_file(path: str) -> bool:
    """Whether there is one that can be seen, whatever the path is made of."""
    try:
        return installed(Path(path)).is_file()
    except (OSError, ValueError):
        return False


def _is_loopback(host: str) -> bool:
    name = host.lower().removeprefix("[").removesuffix("]")
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _auth_misfits(given: Mapping[str, str]) -> Iterator[str]:
    keys = given.keys() & {"session_token_secret", "session_token_public_key"}
    away = not _is_loopback(given.get("host", "localhost"))
    if away and not keys and "auth_mode" not in given:
        yield (
            "AUTH_MODE: HOST is not loopback; set SESSION_TOKEN_SECRET, or say AUTH_MODE=open "
            "to let anyone start a session"
        )
    if given.get("auth_mode") == "token" and not keys:
        yield "SESSION_TOKEN_SECRET: AUTH_MODE=token needs it, or SESSION_TOKEN_PUBLIC_KEY"
    if len(keys) > 1:
        yield "SESSION_TOKEN_SECRET, SESSION_TOKEN_PUBLIC_KEY: set one of them"
    if keys and not given.keys() & {"session_token_audience", "python_service_url"}:
        yield (
            "SESSION_TOKEN_AUDIENCE: say for whom the site mints tokens, or set PYTHON_SERVICE_URL"
        )


def _cluster_misfits(given: Mapping[str, str]) -> Iterator[str]:
    """What workers on several machines cannot do with."""
    if given.get("placement") != "ray":
        return
    url = given.get("database_url", Fields.model_fields["database_url"].default)
    if url.startswith("sqlite"):
        yield (
            "DATABASE_URL: PLACEMENT=ray needs PostgreSQL or MariaDB; SQLite is of one machine only"
        )
    if find_spec("ray") is None:
        yield "PLACEMENT: Ray is not installed; install requirements/ray.lock"


def _volatile_store(given: Mapping[str, str]) -> Iterator[str]:
    """On Railway a container's own disk is gone with the next deployment."""
    url = given.get("database_url", Fields.model_fields["database_url"].default)
    if "railway_environment_id" not in given or not url.startswith("sqlite"):
        return
    volume = given.get("railway_volume_mount_path")
    path = Path("/" + url.partition(":///")[2].lstrip("/"))
    if (
        volume is None
        or not url.partition(":///")[2].startswith("/")
        or Path(volume) not in path.parents
    ):
        yield "DATABASE_URL: SQLite on Railway must lie on a volume, or every deployment loses it"
