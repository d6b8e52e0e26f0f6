"""The service as a process, students as aiortc peers, and a site that keeps what it is posted."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.http_site import HttpSite
from tests.process.student import Student
from tests.servers.service import ServiceProcess

Serve = Callable[..., ServiceProcess]
Enrol = Callable[[ServiceProcess], AbstractAsyncContextManager[Student]]


@pytest.fixture
async def site() -> AsyncIterator[HttpSite]:
    async with HttpSite() as running:
        yield running


@pytest.fixture
def prepare(tmp_path: Path, site: HttpSite) -> Iterator[Serve]:
    """Make a service with further settings, not started; all of a test have one database."""
    made: list[ServiceProcess] = []

    def make(**settings: str) -> ServiceProcess:
        made.append(ServiceProcess(tmp_path, TRACKING_SAVE_URL=site.url, **settings))
        return made[-1]

    yield make
    for service in made:
        service.stop()


@pytest.fixture
def students() -> Enrol:
    """Students of a service, each with an HTTP connection of its own."""

    @asynccontextmanager
    async def enrol(service: ServiceProcess) -> AsyncIterator[Student]:
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(connector=connector) as http:
            student = Student(http, service)
            try:
                yield student
            finally:
                await student.leave()

    return enrol


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """PEM files of a certificate for 127.0.0.1 and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file
