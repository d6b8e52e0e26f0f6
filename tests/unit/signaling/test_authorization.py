"""Who may do what: every route by everybody, over real HTTP."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web

from signaling.app import make_routes
from signaling.http.errors import BY_CODE, STATUS
from signaling.settings import load
from tests.fakes.front import Front, front_of
from tests.fakes.site import (
    TOKEN_SETTINGS,
    bearer,
    expired_token,
    forged_token,
    staff_token,
    token,
)

CALLERS = (
    "none",
    "expired",
    "forged",
    "audience",
    "replayed",
    "other",
    "student",
    "staff",
    "elsewhere",
)
"""``replayed``: the token that started the session; ``student``: another of the same student;
``other``: another student's; ``elsewhere``: staff of another module."""

PICTURE = base64.b64encode(b"a picture").decode()
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
STRANGERS = "401 401 401 401"
BY_URL = "200 200 200 200 200 200 200 200 200"
"""The URL, which nobody can guess, is what lets in."""

MATRIX = {
    "POST /whip": f"{STRANGERS} 401 403 201 403 403",
    "POST /whip?session_id": "201 201 201 201 201 201 201 201 201",
    "GET /whip/{resource}": f"{STRANGERS} 200 403 200 403 403",
    "PATCH /whip/{resource}": f"{STRANGERS} 204 403 204 403 403",
    "DELETE /whip/{resource}": f"{STRANGERS} 200 403 200 403 403",
    "GET /whip/{resource}/events": f"{STRANGERS} 200 403 200 403 403",
    "POST /whip/{resource}/bye": BY_URL,
    "POST /api/frames": f"{STRANGERS} 401 403 200 403 403",
    "POST /api/stream-frame": f"{STRANGERS} 401 403 200 403 403",
    "GET /ws/frames": f"{STRANGERS} 401 403 200 403 403",
    "GET /ws/frames attach": f"{STRANGERS} 401 200 200 403 403",
    "POST /api/attach": f"{STRANGERS} 401 201 201 403 403",
    "POST /whip/{resource}/frames": BY_URL,
    "POST /whip/{resource}/messages": BY_URL,
    "* /socket.io/": f"{STRANGERS} 200 200 200 200 200",
    "GET /api/ice-servers": f"{STRANGERS} 200 200 200 200 200",
    "GET /api/sessions": f"{STRANGERS} 403 403 403 200 200",
    "GET /api/sessions/{session_id}": f"{STRANGERS} 200 403 200 200 403",
    "GET /api/sessions/{session_id}/export.json": f"{STRANGERS} 200 403 200 200 403",
    "GET /api/sessions/{session_id}/export.csv": f"{STRANGERS} 200 403 200 200 403",
    "GET /api/sessions/{session_id}/events": f"{STRANGERS} 200 403 200 200 403",
    "GET /api/live": f"{STRANGERS} 403 403 403 200 200",
    "GET /api/modules/{module_id}/comparison": f"{STRANGERS} 403 403 403 200 403",
    "GET /api/users/{user_id}/export": f"{STRANGERS} 200 403 200 200 200",
    "DELETE /api/users/{user_id}": f"{STRANGERS} 403 403 403 200 403",
    "GET /metrics": f"{STRANGERS} 403 403 403 200 403",
}
FILES = ("GET /assets", "GET /lib")
PUBLIC = {
    "GET /socket.io/": "handshakes: see the namespace",
    "POST /socket.io/": "the same",
    "OPTIONS /socket.io/": "the same",
    "GET /": "a page",
    "GET /check": "a page",
    "GET /dashboard": "a page",
    "GET /docs": "a page",
    "GET /openapi.json": "says what can be asked",
    "GET /api/privacy": "says how long numbers are kept, before anybody agrees",
    "GET /healthz": "a probe",
    "GET /readyz": "a probe",
    "OPTIONS /whip": "says what can be posted",
    "OPTIONS /whip/{resource}": "says what can be patched",
}


@dataclass
class Scene:
    """A session of student 7 that runs, and somebody with a token or none."""

    front: Front
    caller: str
    token: str | None
    resource: str
    session_id: str
    resume_token: str

    async def ask(self, route: str) -> int:
        special: dict[str, Callable[[], Awaitable[int]]] = {
            "POST /whip": self.offer,
            "POST /whip?session_id": self.resume,
            "PATCH /whip/{resource}": self.trickle,
            "POST /api/frames": self.frame,
            "POST /api/stream-frame": self.frame,
            "POST /api/attach": self.attach_by_request,
            "POST /whip/{resource}/frames": self.send_by_request,
            "POST /whip/{resource}/messages": self.say_by_request,
            "GET /ws/frames": self.old_socket,
            "GET /ws/frames attach": self.attach,
            "* /socket.io/": self.socket_io,
            "GET /metrics": self.scrape,
        }
        if route in special:
            return await special[route]()
        method, path = route.split()
        path = path.replace("/whip/{resource}", self.resource)
        path = path.format(session_id=self.session_id, user_id="7", module_id="3")
        async with self.front.http.request(method, path, headers=bearer(self.token)) as response:
            return response.status

    async def offer(self) -> int:
        return (await self.front.offer(**bearer(self.token))).status

    async def resume(self) -> int:
        headers = bearer(self.token) | {"Resume-Token": self.resume_token}
        return (await self.front.offer(f"/whip?session_id={self.session_id}", **headers)).status

    async def trickle(self) -> int:
        headers = FRAGMENT | bearer(self.token)
        response = await self.front.http.patch(self.resource, data="a=x", headers=headers)
        return response.status

    async def frame(self) -> int:
        body = {"user_id": 7, "module_id": "3", "section_id": "2", "frame_base64": PICTURE}
        http, carried = self.front.http, bearer(self.token)
        answers = [
            await http.post("/api/frames", json=body, headers=carried),
            await http.post("/api/frames", json=body | {"token": self.token}),
            await http.post("/api/stream-frame", json=body, headers=carried),
        ]
        (status,) = {answer.status for answer in answers}
        return status

    async def old_socket(self) -> int:
        body = {"user_id": 7, "module_id": "3", "section_id": "2", "frame_base64": PICTURE}
        async with self.front.http.ws_connect("/ws/frames") as socket:
            await socket.send_json(body | {"token": self.token})
            return status_of(await socket.receive_json())

    async def attach(self) -> int:
        async with self.front.http.ws_connect("/ws/frames") as socket:
            await socket.send_json({"v": 1, "type": "attach", "token": self.token})
            return status_of(await socket.receive_json())

    async def attach_by_request(self) -> int:
        return (await self._attached(self.token)).status

    async def send_by_request(self) -> int:
        resource = (await (await self._attached(token())).json())["resource"]
        headers = {"Content-Type": "image/jpeg"} | bearer(self.token)
        url = f"{resource}/frames"
        return (await self.front.http.post(url, data=b"jpeg", headers=headers)).status

    async def say_by_request(self) -> int:
        resource = (await (await self._attached(token())).json())["resource"]
        message = {"v": 1, "type": "pause"}
        url = f"{resource}/messages"
        return (await self.front.http.post(url, json=message, headers=bearer(self.token))).status

    async def _attached(self, text: str | None) -> ClientResponse:
        message = {"v": 1, "type": "attach"}
        return await self.front.http.post("/api/attach", json=message, headers=bearer(text))

    async def scrape(self) -> int:
        http, elsewhere = self.front.http, {"Host": "eyes.example.org"}
        assert (await http.get("/metrics")).status == 200  # this machine's Prometheus
        return (await http.get("/metrics", headers=elsewhere | bearer(self.token))).status

    async def socket_io(self) -> int:
        path = "/socket.io/?EIO=4&transport=polling"
        opened = json.loads((await (await self.front.http.get(path)).text())[1:])
        path += f"&sid={opened['sid']}"
        await self.front.http.post(path, data="40" + json.dumps({"token": self.token}))
        answer = await (await self.front.http.get(path)).text()
        await self.front.http.post(path, data="1")
        refusal = json.loads(answer[2:]) if answer.startswith("44") else {}
        return status_of(refusal.get("data", {}))


def status_of(message: dict[str, object]) -> int:
    """The HTTP status of the code in a message; 200 where there is none."""
    code = message.get("code")
    if code is None:
        return 200
    by_class = {kind.code: status for kind, status in STATUS}
    known = BY_CODE | by_class | {"ids_differ": 403}
    return 401 if str(code).startswith("token_") else known[str(code)]


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({**TOKEN_SETTINGS, "MAX_SESSIONS": "100"}))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


async def scene(front: Front, caller: str) -> Scene:
    started_by = token()
    created = await front.offer(**bearer(started_by))
    assert created.status == 201
    tokens = {
        "none": None,
        "expired": expired_token(),
        "forged": forged_token(),
        "audience": token(aud="https://other.example"),
        "replayed": started_by,
        "other": token(sub="8"),
        "student": token(),
        "staff": staff_token(),
        "elsewhere": staff_token(module_ids=["4"]),
    }
    return Scene(
        front,
        caller,
        tokens[caller],
        created.headers["Location"],
        created.headers["Session-Id"],
        created.headers["Resume-Token"],
    )


@pytest.mark.parametrize("route", MATRIX)
async def test_everybody_gets_what_is_theirs(front: Front, route: str) -> None:
    expected = dict(zip(CALLERS, map(int, MATRIX[route].split()), strict=True))
    found = {caller: await (await scene(front, caller)).ask(route) for caller in CALLERS}
    assert found == expected


def test_the_matrix_names_every_route(app: web.Application) -> None:
    routes = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    ways_in = {"POST /whip?session_id", "GET /ws/frames attach", "* /socket.io/"}
    files = {name for name in routes if name.startswith(FILES)}
    assert routes - files == {*MATRIX, *PUBLIC} - ways_in
