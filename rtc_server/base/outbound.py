"""What goes out over TLS and HTTP: whom it trusts, and through which proxy; in every process."""

import os
import ssl
import urllib.request
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import truststore

AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""OpenSSL's own variables: a campus' authority, beside those of the system's folder."""


@cache
def trusted() -> ssl.SSLContext:
    """TLS to the site, to TURN servers and to providers alike.

    By ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` where one is set, else by the system's own store.
    """
    if any(os.environ.get(name) for name in AUTHORITIES):
        return ssl.create_default_context()
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def proxy_for(url: str) -> str | None:
    """The proxy for ``url`` by ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.

    None for this machine, and where the proxy is of a kind that nobody here speaks (SOCKS).
    """
    parts = urlsplit(url)
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None or _is_here(parts.hostname or ""):
        return None
    address = parts.netloc.rpartition("@")[2]
    # not proxy_bypass: on macOS that asks the system, and takes one argument; typeshed lacks this
    if urllib.request.proxy_bypass_environment(address, proxies):  # type: ignore[attr-defined]
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    return proxy if urlsplit(proxy).scheme in {"http", "https"} else None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
