"""A module's students side by side, and nobody to be picked out."""

import json
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.end_reason import EndReason
from rtc_server.store.model import SessionRow, SessionState
from signaling.app import make_routes
from signaling.reports.comparison import Group, Quartiles, compare
from signaling.settings import SettingsError, load
from tests.fakes.front import front_of
from tests.fakes.rows import created
from tests.fakes.site import TOKEN_SETTINGS, bearer, staff_token

LEAST = 5


def row(user: object, focused: float, judged: float = 100.0, section: str = "2") -> SessionRow:
    summary = {
        "focused_time": focused,
        "total_time": judged,
        "unknown_time": 25.0,
        "elapsed": judged + 25.0,
        "blink_count": 20,
    }
    return SessionRow(
        session_id="s",
        user_id=str(user),
        module_id="3",
        section_id=section,
        state=SessionState.ENDED,
        epoch=1,
        worker=None,
        resource_hash="",
        resume_hash=None,
        client="webrtc",
        started_at=0.0,
        updated_at=0.0,
        deadline_at=None,
        ended_at=1.0,
        end_reason="client_bye",
        summary=summary,
        record_seq=1,
        recorded=None,
    )


def test_students_count_once_with_all_their_sessions() -> None:
    rows = [row(user, focused=user * 10.0) for user in range(1, 6)]
    rows += [row(1, focused=90.0), row(1, focused=50.0)]
    module, section = compare(rows, LEAST)
    assert (module.section_id, section.section_id) == (None, "2")
    assert module.students == section.students == 5
    assert module.focus_percentage == Quartiles(low=30, median=40, high=50)
    assert module.unknown_percentage == Quartiles(low=20, median=20, high=20)
    assert module.blink_rate == Quartiles(low=12, median=12, high=12)


def test_a_small_group_says_nothing_but_that_it_is_small() -> None:
    rows = [row(user, 50.0) for user in range(5)] + [row(9, 1.0, section="4")]
    module, large, small = compare(rows, LEAST)
    assert not module.suppressed
    assert not large.suppressed
    assert small == Group(section_id="4", suppressed=True)


def test_many_sessions_of_few_students_are_a_small_group() -> None:
    rows = [row(user, 50.0) for user in range(4) for _ in range(20)]
    assert all(group.suppressed for group in compare(rows, LEAST))


def test_students_of_whom_nothing_was_judged_do_not_fill_a_group() -> None:
    rows = [row(user, 50.0) for user in range(4)] + [row(5, 0.0, judged=0.0), row(6, 5.0, 10.0)]
    assert all(group.suppressed for group in compare(rows, LEAST))


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ab")), max_size=40))
def test_no_group_is_told_below_the_threshold(sessions: list[tuple[int, str]]) -> None:
    groups = compare([row(user, 50.0, section=section) for user, section in sessions], LEAST)
    for group in groups:
        of_group = {u for u, s in sessions if group.section_id in {None, s}}
        assert group.suppressed == (len(of_group) < LEAST)


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({**TOKEN_SETTINGS, "MIN_GROUP_SIZE": "3"}))


async def test_the_threshold_is_a_setting_and_told(app: web.Application, tmp_path: Path) -> None:
    async with front_of(app, tmp_path) as front:
        for user in range(3):
            session_id = await created(front.store, user_id=str(user), section_id="2")
            summary = row(user, 50.0).summary or {}
            await front.store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, summary)
        path = "/api/modules/3/comparison"
        async with front.http.get(path, headers=bearer(staff_token())) as response:
            found = json.loads(await response.text())
    assert (found["module_id"], found["least_students"]) == ("3", 3)
    assert [group["students"] for group in found["groups"]] == [3, 3]


def test_a_threshold_that_hides_nobody_is_refused() -> None:
    with pytest.raises(SettingsError, match="MIN_GROUP_SIZE"):
        load({"MIN_GROUP_SIZE": "2"})
