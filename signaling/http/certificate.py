"""The service's own certificate, taken up anew when its files are; in the front process's loop."""

import asyncio
import logging
import os
from pathlib import Path
from ssl import Purpose, SSLContext, SSLError, create_default_context

INTERVAL = 60.0
"""Seconds between two looks at the files: certbot and Caddy renew weeks before the end."""

log = logging.getLogger(__name__)


class Certificate:
    """TLS by ``TLS_CERT`` and ``TLS_KEY``; connections that are there go on with what they have.

    Attributes:
        context: what new connections are made with.

    """

    def __init__(self, cert: Path, key: Path) -> None:
        """Raises ``OSError`` (``SSLError``) where the two cannot be used."""
        self._files = cert, key
        self._seen = self._stamps()
        self.context = self._loaded()

    async def watch(self) -> None:
        """Look each minute, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            self.renew()

    def renew(self) -> None:
        """Take up the files if they have changed; what cannot be used is told, and left alone."""
        try:
            stamps = self._stamps()
            if stamps == self._seen:
                return
            self._loaded()  # both fit together: the running one is not left with half of them
            self.context.load_cert_chain(*self._files)
        except (OSError, SSLError) as error:
            log.warning("TLS_CERT and TLS_KEY have changed and cannot be used: %s", error.strerror)
            return
        self._seen = stamps
        log.info("TLS_CERT and TLS_KEY have changed and are taken up")

    def _loaded(self) -> SSLContext:
        context = create_default_context(Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self._files)
        return context

    def _stamps(self) -> list[tuple[int, int, int]]:
        found = [os.stat(file) for file in self._files]  # noqa: PTH116 - beside load_cert_chain
        return [(each.st_mtime_ns, each.st_size, each.st_ino) for each in found]
