"""A coturn of our own on loopback, with REST credentials."""

import base64
import hashlib
import hmac
import shutil
import time
from collections.abc import Sequence
from typing import Self

from rtc_server.base.config import IceServer
from tests.servers.ports import lease
from tests.servers.process import ServerProcess, private_folder

SECRET = "a toy secret"


class Coturn:
    """TURN over UDP and TCP at ``address``; relays from the same address."""

    def __init__(
        self,
        address: str = "127.0.0.1",
        *more: str,
        port: int | None = None,
        secret: str = SECRET,
        options: Sequence[str] = ("--no-tls",),
    ) -> None:
        """``more``: further addresses; ``port``: a free one where there is none given."""
        self.address = address
        self.port = port or lease(address)
        self.folder = private_folder("coturn-")
        self._process = ServerProcess(
            [
                "turnserver",
                "-n",
                *(f"--{use}-ip={ip}" for ip in (address, *more) for use in ("listening", "relay")),
                f"--listening-port={self.port}",
                "--realm=test",
                "--use-auth-secret",
                f"--static-auth-secret={secret}",
                "--allow-loopback-peers",
                "--no-cli",
                "--no-dtls",
                *options,
                "--log-file=stdout",
                f"--pidfile={self.folder / 'pid'}",
                f"--userdb={self.folder / 'db'}",
            ],
            ready="SQLite DB connection success",
            cwd=self.folder,
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()
        shutil.rmtree(self.folder)

    @property
    def log(self) -> str:
        """What it has said; with ``--verbose`` every request."""
        return self._process.text

    def servers(self, *transports: str, secret: str = SECRET) -> tuple[IceServer, ...]:
        """Entries with credentials of an hour, one for each transport."""
        username = f"{int(time.time()) + 3600}:test"
        digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        credential = base64.b64encode(digest).decode()
        urls = [f"turn:{self.address}:{self.port}?transport={name}" for name in transports]
        return tuple(IceServer((url,), username, credential) for url in urls)
