"""Whom this service trusts and which proxy it takes, where that is not what everybody has."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from rtc_server.base.outbound import AUTHORITIES, proxy_for
from signaling.settings import Settings


def ways_out(settings: Settings) -> Iterator[str]:
    """A few words for each thing that is set."""
    for name in AUTHORITIES:
        if path := os.environ.get(name):
            yield f"{name}={path}" + ("" if Path(path).exists() else " (there is nothing)")
    for name in ("tracking_save_url", "ice_servers_url"):
        url = getattr(settings, name)
        proxy = None if url is None else proxy_for(url)
        if proxy is not None:
            yield f"{name.upper()} by the proxy {urlsplit(proxy).netloc.rpartition('@')[2]}"
