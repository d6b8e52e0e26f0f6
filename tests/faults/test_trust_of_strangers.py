"""A campus' own authority and proxy hold for all that goes out; what is not trusted is told so."""

import http.server
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtc_server.base.config import IceServer
from rtc_server.base.outbound import proxy_for, trusted
from rtc_server.peer.ice.turn_probe import TurnAnswer, probe_turn
from tests.servers.coturn import Coturn
from tests.servers.ports import lease
from tests.servers.service import ROOT

MAKE = """
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=Campus \
  -keyout ca.key -out ca.pem -addext keyUsage=critical,keyCertSign
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -CA ca.pem -CAkey ca.key -keyout host.key -out host.pem \
  -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost,IP:127.0.0.1
chmod 644 host.key
"""


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ca.pem``, and with ``host.pem`` and ``host.key`` for localhost."""
    folder = tmp_path_factory.mktemp("campus")
    subprocess.run(["sh", "-ec", MAKE], cwd=folder, check=True, capture_output=True, timeout=30)
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    return folder


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Ours, near enough: it refuses a record without fields."""

    def do_OPTIONS(self) -> None:
        self.send_response(204)
        self.send_header("X-Tracking-Key", "session_uuid, seq")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(campus: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(campus / "host.pem", campus / "host.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/save.php"
    server.shutdown()
    thread.join()
    server.server_close()


LOOK = """
import asyncio, sys
from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig
from rtc_server.delivery.php import PhpEndpoint
async def look():
    endpoint = PhpEndpoint(ForwardConfig(save_url=sys.argv[1]), SystemClock())
    print(await endpoint.look())
    await endpoint.close()
asyncio.run(look())
"""


@pytest.mark.parametrize("trusting", [True, False])
def test_the_endpoint_of_a_campus_is_trusted_by_ssl_cert_file(
    site: str, campus: Path, *, trusting: bool
) -> None:
    authority = {"SSL_CERT_FILE": str(campus / "ca.pem")} if trusting else {}
    done = subprocess.run(
        [sys.executable, "-c", LOOK, site],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **authority},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ("status=204" in done.stdout) is trusting, done.stdout
    assert ("CERTIFICATE_VERIFY_FAILED" in done.stdout) is not trusting


@pytest.mark.needs("coturn")
@pytest.mark.parametrize("trusting", [True, False])
async def test_a_turn_server_whose_certificate_is_not_trusted_is_told_so(
    campus: Path, monkeypatch: pytest.MonkeyPatch, *, trusting: bool
) -> None:
    if trusting:
        monkeypatch.setenv("SSL_CERT_FILE", str(campus / "ca.pem"))
    port = lease()
    files = [f"--cert={campus / 'host.pem'}", f"--pkey={campus / 'host.key'}"]
    trusted.cache_clear()
    try:
        with Coturn(options=[f"--tls-listening-port={port}", *files]) as coturn:
            (known,) = coturn.servers("tcp")
            server = IceServer((f"turns:127.0.0.1:{port}",), known.username, known.credential)
            answer = await probe_turn(server, 10.0)
    finally:
        trusted.cache_clear()
    assert answer is (TurnAnswer.SERVES if trusting else TurnAnswer.UNTRUSTED)


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return monkeypatch


def test_what_goes_out_takes_the_proxy_that_is_set(proxies: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://site.example/x") is None
    proxies.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    proxies.setenv("NO_PROXY", ".campus.example,site.internal")
    assert proxy_for("https://site.example/x") == "http://proxy.example:3128"
    assert proxy_for("http://site.example/x") is None
    for near in ("https://a.campus.example/x", "https://site.internal:8443/", "https://localhost/"):
        assert proxy_for(near) is None
    assert proxy_for("https://127.0.0.1:8080/") is None
    proxies.setenv("https_proxy", "proxy.example:3128")
    assert proxy_for("https://site.example/x") == "http://proxy.example:3128"
    proxies.setenv("https_proxy", "socks5://proxy.example:1080")
    assert proxy_for("https://site.example/x") is None
