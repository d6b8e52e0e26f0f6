"""From a student's camera to the site's endpoint, through the service as it is run."""

from pathlib import Path

import psutil
import pytest

from tests.fakes.http_site import HttpSite
from tests.fakes.whip import STUDENT
from tests.process.conftest import Enrol, Serve
from tests.process.records import the_only_record
from tests.servers.service import ServiceProcess, run_to_its_end

pytestmark = pytest.mark.timeout(120)

ONE_PICTURE_BYTES = 20_000
"""What a 640x480 JPEG or key frame has at least."""


async def test_a_session_is_posted_once_with_what_the_student_was_told(
    prepare: Serve, students: Enrol, site: HttpSite
) -> None:
    with prepare() as service:
        async with students(service) as student:
            await student.publish()
            last = await student.metrics(30)
            summary = await student.bye()
        record = await the_only_record(site, 3.0)

    assert last["face_count"] == 1
    assert record["session_uuid"] == student.ticket.session_id == summary["session_id"]
    assert {name: str(record[name]) for name in STUDENT} == STUDENT
    assert record["end_reason"] == summary["end_reason"] == "client_bye"
    for name in ("focused_time", "unfocused_time", "unknown_time", "total_time", "elapsed"):
        assert record["session_data"][name] == pytest.approx(summary[name], abs=0.001)
    assert summary["elapsed"] == pytest.approx(3.0, abs=0.4)


async def test_deleting_the_resource_ends_the_session(
    prepare: Serve, students: Enrol, site: HttpSite
) -> None:
    with prepare() as service:
        async with students(service) as student:
            await student.publish()
            await student.metrics(5)
            await student.end_by_url()
            summary = await student.hears("summary")
        record = await the_only_record(site, 3.0)
    assert record["end_reason"] == summary["end_reason"] == "client_bye"


async def test_no_process_of_the_service_writes_pictures(prepare: Serve, students: Enrol) -> None:
    with prepare() as service:
        async with students(service) as student:
            await student.publish()
            await student.metrics()
            before = _bytes_written(service)
            await student.metrics(40)
            written = _bytes_written(service) - before
            await student.bye()
    assert written < 40 * ONE_PICTURE_BYTES / 10


async def test_sessions_go_over_https_with_a_certificate_of_ones_own(
    prepare: Serve, students: Enrol, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    with prepare(TLS_CERT=str(cert), TLS_KEY=str(key)) as service:
        assert service.url.startswith("https://")
        async with students(service) as student:
            await student.publish()
            assert (await student.metrics())["face_count"] == 1
            await student.bye()


def test_wrong_settings_are_told_all_at_once_and_nothing_starts(tmp_path: Path) -> None:
    done = run_to_its_end(
        tmp_path,
        {
            "CAMERA_ENABLED": "1",
            "MODEL_NAME": "guesswork",
            "PORT": "99999",
            "ALLOWED_ORIGINS": "*",
            "TLS_CERT": "nowhere.pem",
            "HOST": "0.0.0.0",
        },
    )
    assert done.returncode == 2
    assert done.stdout == ""
    for name in ("CAMERA_ENABLED", "MODEL_NAME", "PORT", "ALLOWED_ORIGINS", "TLS_CERT"):
        assert f"\n{name}" in done.stderr
    assert "AUTH_MODE" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def _bytes_written(service: ServiceProcess) -> int:
    """To files and pipes, by all its processes; what goes to sockets is not counted (proc(5))."""
    front = psutil.Process(service.pid)
    processes = [front, *front.children(recursive=True)]
    return sum(int(process.io_counters().write_chars) for process in processes)
