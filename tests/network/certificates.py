"""A certificate authority for one run of the laboratory, and a browser's home that trusts it."""

import subprocess
from pathlib import Path

from tests.network.topology import PAGE, TURN
from tests.servers.process import give_away

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]


class Certificates:
    """PEM files in ``folder``: ``authority``, and ``certificate`` with ``key`` for both hosts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = folder / "authority.pem"
        self.certificate = folder / "hosts.pem"
        self.key = folder / "hosts.key"
        self.home = folder / "home"
        self._make_authority()
        self._make_hosts()
        self._make_home()

    def _make_authority(self) -> None:
        self._request(
            *("-subj", "/CN=Laboratory", "-keyout", "authority.key", "-out", "authority.pem"),
            *("-addext", "keyUsage=critical,keyCertSign"),
        )

    def _make_hosts(self) -> None:
        self._request(
            *("-CA", "authority.pem", "-CAkey", "authority.key"),
            *("-subj", f"/CN={PAGE}", "-keyout", "hosts.key", "-out", "hosts.pem"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-addext", f"subjectAltName=DNS:{PAGE},DNS:{TURN}"),
            *("-addext", "extendedKeyUsage=serverAuth"),
        )
        give_away(self.key)

    def _make_home(self) -> None:
        """A home with an NSS database, where Chromium looks for authorities of the person's own."""
        database = self.home / ".pki" / "nssdb"
        database.mkdir(parents=True)
        where = f"sql:{database}"
        self._run("certutil", "-d", where, "-N", "--empty-password")
        trusted = ["-A", "-t", "C,,", "-n", "laboratory", "-i", str(self.authority)]
        self._run("certutil", "-d", where, *trusted)

    def _request(self, *words: str) -> None:
        self._run("openssl", "req", "-x509", *_KEY, *words)

    def _run(self, *command: str) -> None:
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, timeout=30)
