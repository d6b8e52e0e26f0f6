"""Our own protocol over plain requests, against the real service."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.pictures import astronaut, jpeg
from tests.servers.service import ServiceProcess

pytestmark = pytest.mark.blocks("the service is another process; its fixture waits for it")

JPEG = {"Content-Type": "image/jpeg"}
Message = dict[str, Any]


class RestStudent:
    """Speaks the protocol as the page does."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.attached: Message = {}

    async def attach(self, **ids: object) -> None:
        status, body = await self.asks(**ids)
        assert (status, body["type"]) == (201, "attached")
        self.attached = body

    async def asks(self, **ids: object) -> tuple[int, Message]:
        """Send ``attach`` and see what comes of it."""
        async with self._http.post("/api/attach", json=_message("attach", **ids)) as response:
            return response.status, await response.json()

    async def resume(self) -> None:
        """Go on with the session on a new connection."""
        names = ("session_id", "resume_token")
        await self.attach(**{name: self.attached[name] for name in names})

    async def frame(self, picture: bytes) -> list[Message]:
        return await self._post("frames", data=picture, headers=JPEG)

    async def say(self, kind: str, **fields: object) -> list[Message]:
        return await self._post("messages", json=_message(kind, **fields))

    async def refused(self, path: str, **sent: Any) -> tuple[int, str]:  # noqa: ANN401 - aiohttp's own
        """What an error says: status and code."""
        async with self._http.post(f"{self.attached['resource']}/{path}", **sent) as response:
            return response.status, (await response.json())["code"]

    async def pushed(self, picture: bytes) -> int:
        """The status of a picture's answer."""
        url = f"{self.attached['resource']}/frames"
        async with self._http.post(url, data=picture, headers=JPEG) as response:
            return response.status

    async def events(self, listening: asyncio.Event) -> list[Message]:
        """What whoever listens along hears, until the stream ends by itself."""
        async with self._http.get(f"{self.attached['resource']}/events") as stream:
            assert stream.status == 200
            listening.set()
            parts = (await stream.text()).split("\n\n")
        return [json.loads(part[len("data: ") :]) for part in parts if part.startswith("data: ")]

    async def _post(self, path: str, **sent: Any) -> list[Message]:  # noqa: ANN401 - the same
        async with self._http.post(f"{self.attached['resource']}/{path}", **sent) as response:
            assert response.status == 200, await response.text()
            messages: list[Message] = await response.json()
            return messages


def _message(kind: str, **fields: object) -> Message:
    return {"v": 1, "type": kind, **fields}


def kinds(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages]


@pytest.fixture(scope="module")
def picture() -> bytes:
    return jpeg(astronaut())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("rest")
    with ServiceProcess(folder, max_frame_kb="256") as service:
        yield service


@pytest.fixture
async def student(service: ServiceProcess) -> AsyncIterator[RestStudent]:
    async with aiohttp.ClientSession(service.url) as http:
        yield RestStudent(http)


async def test_a_session_over_plain_requests_from_hello_to_summary(
    student: RestStudent, picture: bytes
) -> None:
    await student.attach(user_id="71", module_id=3)

    first = await student.frame(picture)
    assert kinds(first) == ["metrics", "hello"]
    assert (first[0]["seq"], first[0]["face_count"]) == (1, 1)
    assert [message["seq"] for message in await student.frame(picture)] == [2]
    assert await student.say("ping", t=41.5) == [_message("pong", t=41.5)]

    last = await student.say("bye")
    assert kinds(last) == ["summary"]
    assert (last[0]["end_reason"], last[0]["frames_processed"]) == ("client_bye", 2)
    assert await student.refused("frames", data=picture, headers=JPEG) == (404, "session_not_found")


async def test_who_listens_along_hears_the_session_to_its_end(
    student: RestStudent, picture: bytes
) -> None:
    await student.attach(user_id="78", module_id=3)
    listening = asyncio.Event()
    hearing = asyncio.create_task(student.events(listening))
    await listening.wait()
    assert kinds(await student.frame(picture)) == ["metrics", "hello"]
    assert kinds(await student.say("bye")) == ["summary"]
    heard = kinds(await asyncio.wait_for(hearing, 20))
    assert heard[-1] == "summary"
    assert heard.count("metrics") == 1


async def test_a_session_goes_on_where_another_connection_left_it(
    student: RestStudent, picture: bytes
) -> None:
    await student.attach(user_id="72", module_id=3)
    await student.frame(picture)
    left = student.attached

    await student.resume()

    assert student.attached["session_id"] == left["session_id"]
    assert student.attached["resource"] != left["resource"]
    assert (await student.frame(picture))[0]["seq"] == 2
    assert kinds(await student.say("bye")) == ["summary"]


async def test_a_session_that_ends_elsewhere_says_its_last_words_once(
    student: RestStudent, service: ServiceProcess, picture: bytes
) -> None:
    await student.attach(user_id="73", module_id=3)
    await student.frame(picture)
    async with aiohttp.ClientSession(service.url) as http:
        newer = RestStudent(http)
        await newer.attach(user_id="73", module_id=3)
        last = await student.say("ping", t=1)
        assert last[-1]["end_reason"] == "replaced"
        refused = await student.refused("messages", json=_message("ping", t=2))
        assert refused == (404, "session_not_found")
        await newer.say("bye")


@pytest.mark.parametrize(
    ("data", "headers", "expected"),
    [
        (b"", JPEG, (400, "frame_missing")),
        (bytes(257 * 1024), JPEG, (413, "frame_too_large")),
        (b"GIF89a" + bytes(100), JPEG, (422, "frame_not_jpeg")),
        (b"x", {"Content-Type": "image/png"}, (415, "unsupported_media_type")),
    ],
)
async def test_a_picture_that_is_none_is_refused_and_the_session_goes_on(
    student: RestStudent,
    picture: bytes,
    data: bytes,
    headers: dict[str, str],
    expected: tuple[int, str],
) -> None:
    await student.attach(user_id="74", module_id=3)
    assert await student.refused("frames", data=data, headers=headers) == expected
    assert (await student.frame(picture))[0]["seq"] == 1
    await student.say("bye")


async def test_pictures_beyond_the_rate_are_refused_with_the_time_to_wait(
    student: RestStudent, picture: bytes
) -> None:
    await student.attach(user_id="75", module_id=3)
    statuses = await asyncio.gather(*(student.pushed(picture) for _ in range(40)))
    assert set(statuses) == {200, 429}
    await student.say("bye")


async def test_what_does_not_attach_is_refused(student: RestStudent) -> None:
    status, body = await student.asks(session_id="nobody", resume_token="nothing")
    assert (status, body["code"]) == (404, "session_not_found")
    status, body = await student.asks(user_id="76")
    assert (status, body["code"]) == (400, "bad_module_id")
    student.attached = {"resource": "/whip/unknown"}
    assert await student.refused("messages", json=_message("bye")) == (404, "session_not_found")
