"""From the text of one environment variable to its value; raises ``ValueError``."""

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from yarl import URL

HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
WEB_ADDRESS = "must be an http:// or https:// address"


def split(value: object) -> object:
    """Words parted by commas, semicolons or blanks, as a tuple."""
    if isinstance(value, str):
        return tuple(word for word in re.split(r"[,;\s]+", value) if word)
    return value


def networks(value: object) -> object:
    """Addresses and networks, comma-separated; raises ``ValueError``."""
    words = split(value)
    return tuple(map(ip_network, words)) if isinstance(words, tuple) else words


def upper_case(value: object) -> object:
    """A name of our own, however it is written."""
    return value.upper() if isinstance(value, str) else value


def method(value: object) -> object:
    """``auto``, or an HTTP method in either case."""
    return value.upper() if isinstance(value, str) and value.lower() != "auto" else value


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` of an address as browsers send it (RFC 6454, section 6.1).

    In lower case, a name of another script as it is in the DNS, without the scheme's own port.
    Raises ``ValueError``.
    """
    found = address_of(url)
    host = found.raw_host or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if found.is_default_port() else f":{found.port}"
    return f"{found.scheme}://{host}{port}"


def address_of(url: str) -> URL:
    """An http or https address; raises ``ValueError`` with a sentence that shows no password."""
    try:
        found = URL(url)
        host, port = found.raw_host, found.port
    except ValueError:
        raise ValueError(WEB_ADDRESS) from None
    if found.scheme not in {"http", "https"} or not host or not port:
        raise ValueError(WEB_ADDRESS)
    if ":" not in host and not HOST_NAME.fullmatch(host):
        raise ValueError(f"{host!r} is no host name")
    return found.with_host(host.rstrip(".")) if host.endswith(".") and host != "." else found


def origin(text: str) -> str:
    """The origin ``text``; raises ``ValueError`` for what no browser would send."""
    if "*" in text:
        raise ValueError(f"name each origin: {text!r} would let any site there use this service")
    if "@" in text:
        raise ValueError("an origin has no user in it")
    parts = urlsplit(text.rstrip("/"))
    if parts.path or parts.query or parts.fragment or not text.isprintable():
        raise ValueError(f"{text!r} is no origin such as https://learn.example.org")
    try:
        return origin_of(text.rstrip("/"))
    except ValueError:
        raise ValueError(f"{text!r} is no origin such as https://learn.example.org") from None


def service_url(text: str) -> str:
    """The address of this service: an origin, and a path where a proxy takes one off."""
    found = address_of(text)
    if found.raw_user or found.raw_password or found.raw_query_string or found.raw_fragment:
        raise ValueError("has no user, question mark or # in it")
    return origin_of(text) + found.raw_path.rstrip("/")


def host_to_listen_on(text: str) -> str:
    """A name or an address, not in brackets; raises ``ValueError``."""
    host = text.removeprefix("[").removesuffix("]").lower()
    if ":" not in host and not HOST_NAME.fullmatch(host):
        raise ValueError(f"{text!r} is no host name or address such as 0.0.0.0")
    if ":" in host:
        try:
            ip_address(host)
        except ValueError:
            raise ValueError(f"{text!r} is no address; the port is PORT") from None
    return host


def host_and_port(value: object) -> object:
    """``name:port``, an IPv6 address in brackets."""
    if not isinstance(value, str):
        return value
    host, colon, port = value.rpartition(":")
    named = host.strip("[]") if host.startswith("[") == (":" in host) else ""
    if not (colon and named and port.isdecimal() and 0 < int(port) <= 65535):  # noqa: PLR2004
        raise ValueError("must look like proxy.example.net:12345")
    return named, int(port)


def port_range(text: str) -> tuple[int, int]:
    """Two unprivileged ports with a dash between them."""
    low, dash, high = text.partition("-")
    if not (dash and low.strip().isdecimal() and high.strip().isdecimal()):
        raise ValueError("must look like 50000-50100")
    first, last = int(low), int(high)
    if not 1024 <= first <= last <= 65535:  # noqa: PLR2004 - the unprivileged ports
        raise ValueError("must lie within 1024-65535, the smaller number first")
    return first, last
