"""The live class over real HTTP: who sees which session, how it moves and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web

from rtc_server.base.end_reason import EndReason
from rtc_server.metrics.model import Cause
from rtc_server.session.status import SessionStatus
from rtc_server.store import Sample
from rtc_server.store.model import SessionState
from signaling.app import make_routes
from signaling.app_keys import BOARD
from signaling.live import board
from signaling.live.entry import Entry, LiveRound
from signaling.live.watcher import Watcher
from signaling.settings import load
from tests.fakes.front import Front, front_of
from tests.fakes.rows import created
from tests.fakes.site import TOKEN_SETTINGS, bearer, staff_token, token


def pulse_of(session_id: str, **changes: object) -> SessionStatus:
    status = SessionStatus(
        session_id=session_id,
        state=SessionState.LIVE,
        way="direct",
        elapsed=12.5,
        account="focused",  # type: ignore[arg-type] # as it comes from a worker
        cause=None,
        score=0.9,
        gaze="center",
        focus_percentage=80.0,
        fps=10.0,
        usable=1.0,
        trail="ff",
    )
    return replace(status, **changes)  # type: ignore[arg-type] # by name


@pytest.fixture
def app() -> web.Application:
    return make_routes(load(TOKEN_SETTINGS))


@pytest.fixture
async def front(
    app: web.Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Front]:
    monkeypatch.setattr(board, "INTERVAL", 0.02)
    async with front_of(app, tmp_path) as front:
        yield front


class Stream:
    """Reads events."""

    def __init__(self, response: ClientResponse) -> None:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        self._response = response

    async def next(self) -> list[dict[str, Any]]:
        while True:
            line = await self._response.content.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                sessions: list[dict[str, Any]] = json.loads(line[6:])["sessions"]
                return sessions

    async def until(self, session_id: str, **wanted: object) -> dict[str, Any]:
        """The first entry of this session with these fields."""
        async with asyncio.timeout(5):
            while True:
                for entry in await self.next():
                    if entry["session_id"] == session_id and wanted.items() <= entry.items():
                        return entry

    async def rest(self) -> bytes:
        return await self._response.content.read()


async def test_a_session_appears_moves_and_ends(front: Front) -> None:
    session_id = await created(front.store, user_id="7", section_id="2")
    front.placement.statuses_now[session_id] = pulse_of(session_id)
    async with front.http.get("/api/live", headers=bearer(staff_token())) as response:
        stream = Stream(response)
        entry = await stream.until(session_id)
        assert (entry["user_id"], entry["module_id"], entry["section_id"]) == ("7", "3", "2")
        assert (entry["state"], entry["transport"], entry["trail"]) == ("live", "direct", "ff")
        assert entry["way"] == entry["transport"]
        front.placement.statuses_now[session_id] = pulse_of(
            session_id, account="unfocused", trail="ffu"
        )
        await stream.until(session_id, account="unfocused", trail="ffu")
        await front.store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {})
        ended = await stream.until(session_id, state="ended")
        assert ended["end_reason"] == "client_bye"
        assert ended["account"] is None


async def test_staff_of_other_modules_sees_that_nothing_runs(front: Front) -> None:
    session_id = await created(front.store)
    other = await created(front.store, module_id="4")
    headers = bearer(staff_token(module_ids=["4"]))
    async with front.http.get("/api/live", headers=headers) as response:
        stream = Stream(response)
        await stream.until(other)
        seen = [entry["session_id"] for _ in range(3) for entry in await stream.next()]
    assert session_id not in seen
    async with front.http.get("/api/live", headers=bearer(staff_token(module_ids=["9"]))) as alone:
        assert await Stream(alone).next() == []


async def test_what_runs_on_another_front_process_is_told_from_its_checkpoints(
    front: Front,
) -> None:
    session_id = await created(front.store)
    samples = [
        Sample(second, {"is_focused": second >= 5, "gaze_direction": "left", "cause": None})
        for second in range(10)
    ]
    await front.store.sessions.checkpoint(
        session_id, 1, state=SessionState.LIVE, snapshot={}, expires_in=None, samples=samples
    )
    async with front.http.get("/api/live", headers=bearer(staff_token())) as response:
        entry = await Stream(response).until(session_id)
    assert (entry["state"], entry["way"]) == ("live", "webrtc")
    assert (entry["account"], entry["gaze"], entry["trail"]) == ("focused", "left", "uf")
    assert entry["elapsed"] >= 9


async def test_the_placement_is_asked_only_while_somebody_watches(
    front: Front, app: web.Application
) -> None:
    asked = asyncio.Event()
    statuses = front.placement.statuses

    async def counted() -> list[SessionStatus]:
        asked.set()
        return await statuses()

    front.placement.statuses = counted  # type: ignore[method-assign]
    await asyncio.sleep(0.1)
    assert not asked.is_set()
    async with app[BOARD].watching(lambda _: True) as watcher:
        assert await watcher.take() == []
        assert asked.is_set()
    await asyncio.sleep(0)
    asked.clear()
    await asyncio.sleep(0.1)
    assert not asked.is_set()


async def test_whoever_is_slow_is_told_the_newest_of_each_session_only(front: Front) -> None:
    session_id = await created(front.store)
    row = await front.store.sessions.get(session_id)
    assert row is not None
    watcher = Watcher(lambda _: True)
    for elapsed in range(1000):
        watcher.put([Entry(row, pulse_of(session_id, elapsed=elapsed))])
    entries = await watcher.take()
    assert entries is not None
    assert [entry.told().elapsed for entry in entries] == [999]


async def test_too_many_watchers_are_told_to_come_later(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "MOST_WATCHERS", 1)
    headers = bearer(staff_token())
    async with front.http.get("/api/live", headers=headers) as first:
        assert first.status == 200
        second = await front.http.get("/api/live", headers=headers)
        assert second.status == 503
        assert (await second.json())["code"] == "overloaded"


async def test_a_student_follows_their_session_to_its_end(front: Front) -> None:
    session_id = await created(front.store, user_id="7")
    other = await created(front.store, user_id="8")
    for each in (session_id, other):
        front.placement.statuses_now[each] = pulse_of(each)
    path = f"/api/sessions/{session_id}/events"
    async with front.http.get(path, headers=bearer(token())) as response:
        stream = Stream(response)
        await stream.until(session_id, state="live")
        assert {entry["session_id"] for entry in await stream.next()} <= {session_id}
        await front.store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {})
        await stream.until(session_id, state="ended")
        assert (await stream.rest()).strip() == b""
    async with front.http.get(path, headers=bearer(token())) as again:
        assert await Stream(again).until(session_id, state="ended")


async def test_a_stream_ends_with_its_token(front: Front) -> None:
    import time  # noqa: PLC0415 - a second of real time is what is tested

    now = int(time.time())
    headers = bearer(staff_token(iat=now - 60, exp=now + 1))
    async with front.http.get("/api/live", headers=headers) as response:
        async with asyncio.timeout(5):
            assert b'"sessions":[]' in await Stream(response).rest()
        assert (await front.http.get("/api/live", headers=headers)).status == 401


async def test_what_is_sent_is_what_the_document_says(front: Front) -> None:
    session_id = await created(front.store)
    front.placement.statuses_now[session_id] = pulse_of(session_id, cause="low_light")
    async with front.http.get("/api/live", headers=bearer(staff_token())) as response:
        line = b""
        while session_id.encode() not in line:
            line = await response.content.readline()
    told = LiveRound.model_validate_json(line.removeprefix(b"data: "))
    assert [session.cause for session in told.sessions] == [Cause.LOW_LIGHT]
