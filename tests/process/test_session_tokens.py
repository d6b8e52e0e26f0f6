"""The service as it is run, with tokens that the site's own PHP mints."""

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.http_site import HttpSite
from tests.fakes.pictures import astronaut, jpeg
from tests.fakes.publisher import Publisher
from tests.fakes.site import AUDIENCE, SECRET, TOKEN_SETTINGS, bearer, staff_token
from tests.process.conftest import Serve
from tests.process.records import the_only_record
from tests.process.student import Student
from tests.servers.service import ServiceProcess

pytestmark = [
    pytest.mark.needs("php"),
    pytest.mark.timeout(120),
    pytest.mark.blocks("PHP is another process, which is waited for"),
]

MINT = Path(__file__).parents[2] / "php" / "session_token.php"


def minted(arguments: str) -> str:
    """What ``session_token(…)`` returns on a site that shares the secret."""
    source = f"require '{MINT}'; echo session_token('{SECRET}', {arguments});"
    ran = subprocess.run(["php", "-r", source], capture_output=True, text=True, check=True)
    return ran.stdout


def student_token(user_id: int = 7) -> str:
    return minted(f"{user_id}, 3, '2', '{AUDIENCE}'")


@asynccontextmanager
async def enrolled(service: ServiceProcess, text: str) -> AsyncIterator[Student]:
    """A student whose page sends ``text`` with each request."""
    async with aiohttp.ClientSession(headers=bearer(text)) as http:
        student = Student(http, service)
        try:
            yield student
        finally:
            await student.leave()


async def statuses(service: ServiceProcess, asked: list[tuple[str, str | None]]) -> list[int]:
    """What GET answers to each path, asked with a token or none."""
    found = []
    async with aiohttp.ClientSession(service.url) as http:
        for path, text in asked:
            async with http.get(path, headers=bearer(text)) as response:
                found.append(response.status)
    return found


async def test_a_token_carries_a_session_to_its_record(prepare: Serve, site: HttpSite) -> None:
    text, other = student_token(), student_token(8)
    staff = minted(f"1, 0, null, '{AUDIENCE}', claims: ['role' => 'staff', 'module_ids' => ['3']]")
    with prepare(**TOKEN_SETTINGS) as service:
        async with enrolled(service, text) as student:
            await student.publish()
            await student.metrics(5)
            resource = student.ticket.resource.removeprefix(service.url)
            stored = f"/api/sessions/{student.ticket.session_id}"
            asked = [(resource, by) for by in (text, None, other)]
            asked += [(stored, by) for by in (text, None, other, staff)]
            assert await statuses(service, asked) == [200, 401, 403, 200, 401, 403, 200]
            await student.vanish()
            await student.come_back()
            await student.metrics(5)
            await student.end_by_url()
            await student.hears("summary")
            record = await the_only_record(site, 10.0)
            with pytest.raises(aiohttp.ClientResponseError, match="401"):
                await student.publish()
    found = [str(record[name]) for name in ("user_id", "module_id", "section_id")]
    assert found == ["7", "3", "2"]
    assert text not in service.log


async def test_of_two_processes_one_takes_a_token(prepare: Serve) -> None:
    headers = bearer(student_token()) | {"Content-Type": "application/sdp"}
    with prepare(**TOKEN_SETTINGS) as one, prepare(**TOKEN_SETTINGS) as other:
        publishers = [Publisher() for _ in range(4)]
        offers = [await publisher.offer() for publisher in publishers]
        async with aiohttp.ClientSession(headers=headers) as http:
            urls = [f"{service.url}/whip" for service in (one, other, one, other)]
            answers = await asyncio.gather(
                *(http.post(url, data=offer) for url, offer in zip(urls, offers, strict=True))
            )
        for publisher in publishers:
            await publisher.close()
    assert sorted(answer.status for answer in answers) == [201, 401, 401, 401]


async def test_behind_a_proxy_without_a_key_nobody_gets_in(prepare: Serve) -> None:
    with prepare() as service:
        async with aiohttp.ClientSession() as http:
            for name, status in (("X-Forwarded-For", 403), ("X-Other", 200)):
                async with http.get(service.url, headers={name: "198.51.100.1"}) as response:
                    assert response.status == status


async def test_pictures_go_on_where_their_worker_is_killed(prepare: Serve) -> None:
    picture = base64.b64encode(jpeg(astronaut())).decode()
    body = {"frame_base64": picture, "token": student_token()}
    with prepare(**TOKEN_SETTINGS) as service:
        async with aiohttp.ClientSession(service.url) as http:

            async def post() -> tuple[int, int]:
                async with http.post("/api/frames", json=body) as response:
                    answer = await response.json()
                    metrics = answer.get("metrics") or {}
                    return response.status, metrics.get("frames_processed", 0)

            assert await post() == (200, 1)
            (worker,) = service.workers()
            worker.kill()
            worker.wait(10)
            async with asyncio.timeout(30):
                while (await post())[0] != 200:  # noqa: ASYNC110 - only an answer tells
                    await asyncio.sleep(0.2)
            async with http.get("/api/sessions", headers=bearer(staff_token())) as response:
                sessions = (await response.json())["sessions"]
    assert len(sessions) == 1
