"""What is stored, for staff and for the students themselves."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from rtc_server.base.end_reason import EndReason
from rtc_server.store import Sample
from signaling.app import make_routes
from signaling.settings import load
from tests.fakes.front import Front, front_of
from tests.fakes.rows import created, new_delivery
from tests.fakes.site import TOKEN_SETTINGS, bearer, staff_token, token

SUMMARY = {"focused_time": 12.5}


@pytest.fixture
def app() -> web.Application:
    return make_routes(load(TOKEN_SETTINGS))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


async def finished(front: Front, **changes: object) -> str:
    """A session with everything that a session can have."""
    session_id = await created(front.store, user_id="7", **changes)
    await front.store.consents.give(session_id, "2026-01")
    samples = [
        Sample(second, {"state": "center", "head_pose": {"yaw": second / 2}, "gaze": [0, 1]})
        for second in range(3)
    ]
    await front.store.sessions.end(
        session_id, 1, EndReason.CLIENT_BYE, SUMMARY, new_delivery(user_id="7"), samples
    )
    return session_id


async def get(front: Front, path: str, text: str | None = None) -> Any:  # noqa: ANN401 - JSON
    headers = bearer(staff_token() if text is None else text)
    async with front.http.get(path, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        return await response.json()


async def ids(front: Front, query: str = "", text: str | None = None) -> list[str]:
    found = await get(front, f"/api/sessions{query}", text)
    return [session["session_id"] for session in found["sessions"]]


async def test_the_list_is_filtered(front: Front) -> None:
    ended = await finished(front)
    other = await created(front.store, user_id="8", module_id="4")
    assert set(await ids(front)) == {ended, other}
    assert await ids(front, "?user_id=7") == [ended]
    assert await ids(front, "?module_id=4") == [other]
    assert await ids(front, "?state=ended") == [ended]
    assert await ids(front, "?state=ended&user_id=8") == []


async def test_staff_of_some_modules_sees_no_other(front: Front) -> None:
    await finished(front)
    other = await created(front.store, user_id="8", module_id="4")
    limited = staff_token(module_ids=["4", "5"])
    assert await ids(front, text=limited) == [other]
    assert await ids(front, "?module_id=3", limited) == []
    assert await ids(front, text=staff_token(module_ids=[])) == []


async def test_next_before_leads_to_the_next_page(front: Front) -> None:
    made = {await created(front.store) for _ in range(5)}
    found: list[str] = []
    query = "?limit=2"
    while True:
        page = await get(front, "/api/sessions" + query)
        found += [session["session_id"] for session in page["sessions"]]
        if page["next_before"] is None:
            break
        query = f"?limit=2&before={page['next_before']!r}"
    assert sorted(found) == sorted(made)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "bad_limit"),
        ("limit=501", "bad_limit"),
        ("limit=ten", "bad_limit"),
        ("before=yesterday", "bad_before"),
        ("before=nan", "bad_before"),
        ("state=asleep", "bad_state"),
    ],
)
async def test_a_query_that_means_nothing_is_400(front: Front, query: str, code: str) -> None:
    response = await front.http.get(f"/api/sessions?{query}", headers=bearer(staff_token()))
    assert response.status == 400
    assert (await response.json())["code"] == code


async def test_a_student_reads_their_session_with_what_they_agreed_to(front: Front) -> None:
    session_id = await finished(front)
    found = await get(front, f"/api/sessions/{session_id}", token())
    assert (found["user_id"], found["state"], found["end_reason"]) == ("7", "ended", "client_bye")
    assert found["summary"] == SUMMARY
    assert [consent["version"] for consent in found["consents"]] == ["2026-01"]
    assert [delivery["state"] for delivery in found["deliveries"]] == ["pending"]


async def test_an_unknown_session_is_404_for_whoever_may_ask(front: Front) -> None:
    path = "/api/sessions/nobody"
    assert (await front.http.get(path)).status == 401
    assert (await front.http.get(path, headers=bearer(token()))).status == 404


async def test_the_samples_are_exported_as_json_and_csv(front: Front) -> None:
    session_id = await finished(front)
    path = f"/api/sessions/{session_id}/export"
    found = await get(front, f"{path}.json")
    assert [sample["second"] for sample in found["samples"]] == [0, 1, 2]
    assert found["records"] == [{"user_id": "7"}]
    async with front.http.get(f"{path}.csv", headers=bearer(staff_token())) as response:
        assert response.content_type == "text/csv"
        assert session_id in response.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(await response.text())))
    assert rows[1] == {"second": "1", "state": "center", "head_pose.yaw": "0.5", "gaze": "[0, 1]"}


async def test_a_session_without_samples_is_a_heading(front: Front) -> None:
    session_id = await created(front.store)
    path = f"/api/sessions/{session_id}/export.csv"
    async with front.http.get(path, headers=bearer(staff_token())) as response:
        assert await response.text() == "second\r\n"


async def test_a_student_takes_all_their_data_along(front: Front) -> None:
    mine = {await finished(front) for _ in range(3)}
    await created(front.store, user_id="8")
    found = await get(front, "/api/users/7/export", token())
    assert {session["session_id"] for session in found["sessions"]} == mine
    assert all(len(session["samples"]) == 3 for session in found["sessions"])
    assert await get(front, "/api/users/9/export") == {"user_id": "9", "sessions": []}


async def test_staff_of_some_modules_exports_no_other(front: Front) -> None:
    await finished(front)
    here = await finished(front, module_id="4")
    found = await get(front, "/api/users/7/export", staff_token(module_ids=["4"]))
    assert [session["session_id"] for session in found["sessions"]] == [here]


async def test_erasure_ends_what_runs_and_leaves_nothing(front: Front) -> None:
    await finished(front)
    running = (await front.offer(**bearer(token()))).headers["Session-Id"]
    kept = await created(front.store, user_id="8")
    headers = bearer(staff_token())
    async with front.http.delete("/api/users/7", headers=headers) as response:
        assert await response.json() == {"user_id": "7", "erased_sessions": 2}
    assert front.placement.ended == [(running, EndReason.CLIENT_BYE)]
    assert await ids(front) == [kept]
    assert "7" not in json.dumps((await get(front, "/api/users/7/export"))["sessions"])
    assert await front.store.outbox.find() == []
