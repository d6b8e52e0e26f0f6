"""The chaos report's own eyes: what it must see when it happens."""

import json
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos.audit import Books, Findings, audit, check_adding, check_inserting, check_own
from benchmarks.chaos.script import FPS, Account
from benchmarks.chaos.student import Told
from rtc_server.store import Delivery, DeliveryState, SessionRow, SessionState
from tests.fakes.rows import stored_row
from tests.servers.mariadb import Row

SUMMARY: dict[str, Any] = {
    "focused_time": 8.4,
    "unfocused_time": 3.6,
    "unknown_time": 0.0,
    "total_time": 12.0,
    "elapsed": 12.0,
    "frames_processed": 49,
}


def told(**changes: Any) -> Told:  # noqa: ANN401 - as the fields are
    """A student who was there for 8.5 seconds, away for 3.5, and said bye."""
    account = Account()
    for number in range(int(12 * FPS) + 1):
        at = number / FPS
        account.send(at)
        account.add(at, present=at <= 8.5)
    account.bye(12.0)
    for name, value in changes.items():
        setattr(account, name, value)
    return Told("7", "pictures", "s-1", account, summary=True)


def stored(**changes: Any) -> SessionRow:  # noqa: ANN401 - the same
    ended = replace(stored_row("s-1"), user_id="7", state=SessionState.ENDED)
    return replace(ended, summary={**SUMMARY, **changes})


def delivery(state: DeliveryState = DeliveryState.DELIVERED) -> Delivery:
    return Delivery(
        id=1,
        session_id="s-1",
        seq=1,
        mode="summary",
        record={},
        state=state,
        attempts=1,
        created_at=0.0,
        queued_at=0.0,
        due_at=0.0,
        lease_owner=None,
        last_error=None,
        refused_since=None,
        unanswered=False,
        settled_at=None,
    )


def row(**changes: str) -> Row:
    return {
        "session_uuid": "s-1",
        "user_id": "7",
        "focused_time_seconds": "8",
        "unfocused_time_seconds": "4",
        "session_data": json.dumps(SUMMARY),
        **changes,
    }


def books(*rows: Row, student: Told | None = None, session: SessionRow | None = None) -> Books:
    return Books([student or told()], [session or stored()], [delivery()], rows)


def own(*rows: Row) -> Findings:
    given = books(*rows)
    found = audit(given)
    check_own(found, given)
    return found


def counts(found: Findings) -> tuple[int, int, int]:
    return len(found.lost), len(found.doubled), len(found.wrong)


def test_a_session_with_its_row_is_as_it_should_be() -> None:
    assert counts(own(row())) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([], (1, 0, 0)),
        ([row(), row()], (0, 1, 0)),
        ([row(focused_time_seconds="9")], (0, 0, 1)),
        ([row(session_data=json.dumps({**SUMMARY, "elapsed": 12.1}))], (0, 0, 1)),
        ([row(), row(session_uuid="s-2")], (0, 0, 1)),
    ],
)
def test_what_is_wrong_in_the_table_is_seen(rows: list[Row], seen: tuple[int, int, int]) -> None:
    assert counts(own(*rows)) == seen


@pytest.mark.parametrize(
    "changes",
    [
        {"focused_time": 13.0, "elapsed": 16.6},
        {"unfocused_time": 6.5, "elapsed": 14.9},
        {"focused_time": 2.0, "unknown_time": 6.4},
        {"unknown_time": 1.0},
        {"unknown_time": 5.0, "elapsed": 17.0},
    ],
)
def test_a_summary_that_the_script_does_not_bear_out_is_wrong(changes: dict[str, float]) -> None:
    assert counts(audit(books(row(), session=stored(**changes))))[2] > 0


def test_ten_seconds_a_loss_may_become_unknown_and_no_more() -> None:
    lost = stored(focused_time=0.0, unknown_time=8.4)
    assert counts(audit(books(row(), student=told(losses=1), session=lost))) == (0, 0, 0)
    assert counts(audit(books(row(), student=told(losses=0), session=lost)))[2] == 1


def test_a_session_that_the_store_does_not_know_is_lost() -> None:
    found = audit(Books([told()], [], [], []))
    assert counts(found) == (1, 0, 0)
    assert counts(audit(books(row(), session=stored(frames_processed=0)))) == (1, 0, 0)


def test_a_session_that_still_runs_is_wrong() -> None:
    running = replace(stored(), state=SessionState.LIVE)
    assert counts(audit(books(row(), session=running))) == (0, 0, 1)


@pytest.mark.parametrize(
    ("rows", "state", "seen"),
    [
        ([row()], DeliveryState.DELIVERED, (0, 0, 0)),
        ([], DeliveryState.DELIVERED, (1, 0, 0)),
        ([row(), row()], DeliveryState.DELIVERED, (0, 1, 0)),
        ([row()], DeliveryState.UNCERTAIN, (0, 0, 0)),
        ([], DeliveryState.UNCERTAIN, (0, 0, 0)),
        ([row(), row()], DeliveryState.UNCERTAIN, (0, 1, 0)),
    ],
)
def test_an_endpoint_that_inserts_has_one_row_or_one_that_is_uncertain(
    rows: list[Row], state: DeliveryState, seen: tuple[int, int, int]
) -> None:
    given = replace(books(*rows), deliveries=[delivery(state)])
    found = audit(given)
    check_inserting(found, given)
    assert counts(found) == seen
    assert found.uncertain == (state is DeliveryState.UNCERTAIN)


@pytest.mark.parametrize(
    ("seconds", "state", "seen"),
    [
        (("8", "4"), DeliveryState.DELIVERED, (0, 0, 0)),
        (("16", "8"), DeliveryState.DELIVERED, (0, 1, 0)),
        (("0", "0"), DeliveryState.DELIVERED, (1, 0, 0)),
        (("0", "0"), DeliveryState.UNCERTAIN, (0, 0, 0)),
        (("16", "8"), DeliveryState.UNCERTAIN, (0, 1, 0)),
    ],
)
def test_an_endpoint_that_adds_has_the_sum_of_all(
    seconds: tuple[str, str], state: DeliveryState, seen: tuple[int, int, int]
) -> None:
    focused, unfocused = seconds
    added = row(focused_time_seconds=focused, unfocused_time_seconds=unfocused)
    given = replace(books(added), deliveries=[delivery(state)])
    found = audit(given)
    check_adding(found, given)
    assert counts(found) == seen
