"""FFmpeg's WHIP muxer, a publisher that is neither a browser nor aiortc, is measured."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.fakes.http_site import HttpSite
from tests.fakes.site import TOKEN_SETTINGS, token
from tests.process.conftest import Serve
from tests.process.records import measured_throughout, the_only_record
from tests.servers.service import ROOT

pytestmark = pytest.mark.timeout(120)

SECONDS = 4.0
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def make_rsa() -> Key:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_ecdsa() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def write_certificate(folder: Path, key: Key) -> list[str]:
    """Options with which FFmpeg shows a self-signed certificate of this key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "publisher")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = folder / "publisher.crt", folder / "publisher.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return [f"cert_file={files[0]}", f"key_file={files[1]}"]


def publish(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fakes.ffmpeg_publisher", url, str(SECONDS), *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("make_key", "more"),
    [(make_rsa, []), (make_ecdsa, ["whip_flags=dtls_active"])],
    ids=["RSA as DTLS server", "ECDSA as DTLS client"],
)
async def test_ffmpeg_publishes_is_measured_and_deletes(
    prepare: Serve, site: HttpSite, tmp_path: Path, make_key: Callable[[], Key], more: list[str]
) -> None:
    options = [*write_certificate(tmp_path, make_key()), f"authorization={token()}", *more]
    with prepare(**TOKEN_SETTINGS) as service:
        ffmpeg = await asyncio.to_thread(publish, f"{service.url}/whip", *options)
        assert ffmpeg.returncode == 0, ffmpeg.stderr
        record = await the_only_record(site, 5.0)
    assert record["end_reason"] == "client_bye"
    measured_throughout(record, SECONDS)
    assert record["detection_rate"] == 100
