"""The service as a process: its file of settings, its signals, its certificate."""

import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from signaling.http.certificate import Certificate
from tests.eventually import until
from tests.servers.service import ROOT, START_SECONDS, ServiceProcess

SECONDS = 20.0


def make_certificate(folder: Path, name: str) -> None:
    """``cert.pem`` and ``key.pem`` of a host of this name."""
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subprocess.run(
        [*words.split(), "-subj", f"/CN={name}", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=30,
    )


def shown(url: str) -> str:
    """The certificate that the service shows, in PEM."""
    host, _, port = url.removeprefix("https://").partition(":")
    return ssl.get_server_certificate((host, int(port)), timeout=5)


@pytest.mark.timeout(90)
def test_a_renewed_certificate_is_taken_up_and_a_hang_up_ends_nothing(tmp_path: Path) -> None:
    make_certificate(tmp_path, "first")
    files = {"TLS_CERT": str(tmp_path / "cert.pem"), "TLS_KEY": str(tmp_path / "key.pem")}
    with ServiceProcess(tmp_path, **files) as service:
        first = shown(service.url)
        workers = [worker.pid for worker in service.workers()]
        make_certificate(tmp_path, "second")
        assert shown(service.url) == first
        os.killpg(service.pid, signal.SIGHUP)
        until(lambda: shown(service.url) != first, SECONDS, "the new certificate")
        assert (tmp_path / "cert.pem").read_text().strip() == shown(service.url).strip()
        assert service.ready()
        assert [worker.pid for worker in service.workers()] == workers


def test_halves_of_two_certificates_are_not_taken_up(tmp_path: Path) -> None:
    make_certificate(tmp_path, "first")
    certificate = Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    (tmp_path / "key.pem").rename(tmp_path / "old")
    make_certificate(tmp_path, "second")
    (tmp_path / "old").rename(tmp_path / "key.pem")
    certificate.renew()
    make_certificate(tmp_path, "third")
    certificate.renew()
    client = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    client.check_hostname = False
    answered, asked = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = certificate.context.wrap_bio(asked, answered, server_side=True)
    there = client.wrap_bio(answered, asked)
    for _ in range(4):
        for side in (there, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert there.getpeercert() is not None


@pytest.mark.timeout(90)
def test_every_command_reads_the_file_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"HOST=127.0.0.1\nPORT=0\nMEDIA_WORKERS=1\nDATABASE_URL=sqlite:///{tmp_path}/of-the-file.db\n"
        "SESSION_TOKEN_SECRET='a secret of thirty-two characters'\nSESSION_TOKEN_AUDIENCE=eyes\n"
        "TURN_URL=turn:a\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "signaling"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        assert service.stdout is not None
        first, second = service.stdout.readline(), service.stdout.readline()
        service.send_signal(signal.SIGTERM)
        _, errors = service.communicate(timeout=START_SECONDS)
    assert service.returncode == 0
    assert first.startswith("settings of .env")
    assert "of-the-file.db" in first
    assert "token of the site" in first
    assert second.startswith("Eye tracking on http://127.0.0.1:")
    assert "did you mean TURN_URLS?" in errors
    assert (tmp_path / "of-the-file.db").exists()
    for arguments in (["token", "--module", "3"], ["outbox", "list"]):
        done = subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=True,
        )
        assert done.stdout.strip()


def test_a_file_may_be_named_to_every_command(tmp_path: Path) -> None:
    (tmp_path / "named").write_text("SESSION_TOKEN_SECRET='a secret of thirty-two characters'\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "signaling", "token", "--module", "3", "--env-file", "named"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert done.returncode == 2
    assert "SESSION_TOKEN_AUDIENCE" in done.stderr  # it was read, and something is missing in it
