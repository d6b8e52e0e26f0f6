"""Where a request comes from: who its client is, and whether it never left this machine."""

import re
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import HttpVersion11, hdrs, web

Network = IPv4Network | IPv6Network

PROXY_SIGNS = re.compile(
    r"via|forwarded|cdn-loop|max-forwards|(true-)?client-ip|proxy-.*|x-forwarded.*|x-real-.*"
    r"|x-(cluster-)?client-ip|x-original-.*|x-proxy.*|x-envoy.*|x-arr-.*|x-azure-.*|x-appengine-.*"
    r"|x-amzn?-.*|x-cloud-trace-context|x-railway-.*|x-vercel-.*|x-nf-.*|x-request-id"
    r"|cf-.*|fly-.*|fastly-.*|akamai-.*|ali-.*|do-connecting-ip",
    re.IGNORECASE,
)
"""Headers that proxies and networks in front add; no program on this machine sends them."""
_LOOPBACK_HOST = re.compile(
    r"(([a-z0-9-]+\.)*localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE
)
IPV6_SITE_BITS = 64
"""A single customer's network: its hosts take addresses in there as they like."""


def client_address(request: web.Request, proxies: Collection[Network]) -> str:
    """The client's address, an IPv6 one as its /64; empty where there is none.

    A proxy's word on it counts only when the proxy is one of ``proxies``, and so does the word
    of each further one: the first address from the right that is none of ours is the client's.
    """
    peer = request.remote or ""
    chain = [*_forwarded_for(request), peer]
    while len(chain) > 1 and _is_in(chain[-1], proxies):
        chain.pop()
    return _site(chain[-1]) or _site(peer)


def is_loopback(request: web.Request) -> bool:
    """Whether the request comes from a program on this machine, for this machine.

    A proxy on this machine is no such program: it says so with a header, by the ``Host`` that it
    passes on, or by HTTP/1.0, which nginx speaks where nobody told it otherwise. A page of another
    site that points its own name here has a foreign ``Host`` as well (DNS rebinding). In doubt it
    is none: whoever is meant to reach this from elsewhere can be given a token.
    """
    hosts = request.headers.getall(hdrs.HOST, [])
    return (
        _is_loopback_address(request.remote or "")
        and len(hosts) == 1
        and _LOOPBACK_HOST.fullmatch(hosts[0]) is not None
        and request.version >= HttpVersion11
        and not any(PROXY_SIGNS.fullmatch(name) for name in request.headers)
    )


def _forwarded_for(request: web.Request) -> list[str]:
    """What proxies say, nearest last."""
    lists = request.headers.getall("X-Forwarded-For", [])
    if lists:
        return [part.strip() for text in lists for part in text.split(",")]
    said = [part["for"].strip('"') for part in request.forwarded if "for" in part]
    return said or request.headers.getall("X-Real-IP", [])[-1:]


def _is_in(text: str, networks: Collection[Network]) -> bool:
    try:
        address = ip_address(_bare(text))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


def _site(text: str) -> str:
    try:
        address = ip_address(_bare(text))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((int(address), IPV6_SITE_BITS), strict=False))
    return str(address)


def _bare(text: str) -> str:
    """The address alone of ``1.2.3.4:567``, ``[::1]:567``, ``fe80::1%eth0``."""
    text = text.strip().partition("%")[0]
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_loopback_address(text: str) -> bool:
    try:
        address = ip_address(_bare(text))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
