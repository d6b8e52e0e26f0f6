"""From the text of one environment variable to its value; raises ``ValueError``."""

from ipaddress import ip_network
from urllib.parse import urlsplit


def split(value: object) -> object:
    """Comma-separated text as a tuple; blanks are skipped."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def networks(value: object) -> object:
    """Addresses and networks, comma-separated; raises ``ValueError``."""
    words = split(value)
    return tuple(map(ip_network, words)) if isinstance(words, tuple) else words


def upper_case(value: object) -> object:
    """A name of our own, however it is written."""
    return value.upper() if isinstance(value, str) else value


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def origin(text: str) -> str:
    """``scheme://host[:port]`` without a path, as browsers send it; raises ``ValueError``."""
    if text == "*":
        raise ValueError("name each origin: '*' would let any site use this service")
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ValueError(f"{text!r} is no origin such as https://learn.example.org")
    return origin_of(text)


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
