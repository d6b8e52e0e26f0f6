"""What came of the sessions: the students' scripts, the store and the site, side by side."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.student import Told
from rtc_server.store import Delivery, DeliveryState, SessionRow, SessionState
from tests.servers.mariadb import Row

SECONDS_A_LOSS = 10.0
"""What a lost connection may cost: the account since the last checkpoint."""
SLACK = 1.0
"""Seconds: a verdict is settled by frames 0.25 s apart, and a bye takes its time."""
SLACK_A_CHANGE = 0.6
"""Seconds by which coming and going may be placed beside the script."""
OWED_SECONDS = 1.0
"""A session of which so much was answered must be in the store."""
EXACT = 0.002
"""Seconds: the site is told milliseconds."""


@dataclass(slots=True)
class Findings:
    """What is wrong, by session."""

    sessions: int = 0
    owed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    uncertain: int = 0
    waiting: int = 0
    """Records that are neither delivered nor left to a person."""
    moved: float = 0.0
    """Seconds that a lost connection has cost, at most."""


@dataclass(frozen=True, slots=True)
class Books:
    """All there is to compare."""

    told: Sequence[Told]
    stored: Sequence[SessionRow]
    deliveries: Sequence[Delivery]
    rows: Sequence[Row]


def audit(books: Books) -> Findings:
    """Compare script with store; the site is looked at by one of the ``check_…`` functions."""
    found = Findings(sessions=len(books.stored))
    by_id = {row.session_id: row for row in books.stored}
    for told in books.told:
        if told.account.seen >= OWED_SECONDS:
            found.owed += 1
            _compare(found, told, by_id.get(told.session_id))
    states = Counter(delivery.state for delivery in books.deliveries)
    found.uncertain = states[DeliveryState.UNCERTAIN]
    settled = states[DeliveryState.DELIVERED] + states[DeliveryState.UNCERTAIN]
    found.waiting = states.total() - settled
    return found


def _compare(found: Findings, told: Told, row: SessionRow | None) -> None:
    if row is None or not row.summary or not row.summary["frames_processed"]:
        found.lost.append(f"{told.session_id}: the store knows nothing of it")
        return
    if row.state is not SessionState.ENDED:
        found.wrong.append(f"{told.session_id}: it has not ended")
        return
    for problem in _differences(found, told, row.summary):
        found.wrong.append(f"{told.session_id} ({told.kind}, {told.account}): {problem}")


def _differences(found: Findings, told: Told, summary: dict[str, Any]) -> Iterable[str]:
    account = told.account
    slack = SLACK + SLACK_A_CHANGE * account.changes
    focused, unfocused = summary["focused_time"], summary["unfocused_time"]
    unknown, elapsed = summary["unknown_time"], summary["elapsed"]
    if abs(focused + unfocused + unknown - elapsed) > EXACT:
        yield f"{focused} + {unfocused} + {unknown} is not {elapsed}"
    for name, booked, shown in (
        ("focused", focused, account.present),
        ("unfocused", unfocused, account.away),
    ):
        if booked > shown + slack:
            yield f"{booked:.1f} s {name} of {shown:.1f} s"
    missing = account.seen - focused - unfocused
    if missing > SECONDS_A_LOSS * account.losses + slack:
        yield f"{missing:.1f} s are missing after {account.losses} losses"
    if account.losses:
        found.moved = max(found.moved, missing / account.losses)
    if told.summary and not any(a - slack <= elapsed <= b + slack for a, b in account.byes):
        yield f"it lasted {elapsed:.1f} s, and bye was said at {account.byes}"


def check_own(found: Findings, books: Books) -> None:
    """The endpoint of ``php/``: exactly one row for each session, equal to its summary."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row in books.rows:
        rows[row["session_uuid"] or ""].append(row)
    for stored in books.stored:
        if stored.summary and stored.summary["frames_processed"]:
            _check_row(found, stored, rows.pop(stored.session_id, []))
    found.wrong += [f"{session_id}: a row that no session has" for session_id in rows]


def _check_row(found: Findings, stored: SessionRow, rows: Sequence[Row]) -> None:
    if not rows:
        found.lost.append(f"{stored.session_id}: no row")
    elif len(rows) > 1:
        found.doubled.append(f"{stored.session_id}: {len(rows)} rows")
    elif not _equal(rows[0], stored.summary or {}):
        found.wrong.append(f"{stored.session_id}: {rows[0]} is not {stored.summary}")


def _equal(row: Row, summary: dict[str, Any]) -> bool:
    data = json.loads(row["session_data"] or "{}")
    names = ("focused_time", "unfocused_time", "unknown_time", "total_time", "elapsed")
    exact = all(abs(data[name] - summary[name]) <= EXACT for name in names)
    return exact and _columns(row) == _whole(summary)


def check_inserting(found: Findings, books: Books) -> None:
    """An endpoint that inserts at every call: one row each; of an uncertain one at most one."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row in books.rows:
        rows[row["user_id"] or ""].append(row)
    stored = {row.session_id: row for row in books.stored}
    for delivery in books.deliveries:
        whose = stored[delivery.session_id]
        found_rows = rows[whose.user_id]
        if len(found_rows) > 1:
            found.doubled.append(f"{whose.session_id}: {len(found_rows)} rows")
        elif not found_rows and delivery.state is DeliveryState.DELIVERED:
            found.lost.append(f"{whose.session_id}: delivered, and no row")
        elif found_rows and _columns(found_rows[0]) != _whole(whose.summary or {}):
            found.wrong.append(f"{whose.session_id}: {found_rows[0]}")


def check_adding(found: Findings, books: Books) -> None:
    """An endpoint that adds to today's row: the sum of all, where uncertain ones may be in it.

    Two that it adds at the same moment may get two rows of the day: sites add those up.
    """
    sums: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in books.rows:
        user, (focused, unfocused) = row["user_id"] or "", _columns(row)
        sums[user] = (sums[user][0] + focused, sums[user][1] + unfocused)
    stored = {row.session_id: row for row in books.stored}
    by_user: defaultdict[str, list[Delivery]] = defaultdict(list)
    for delivery in books.deliveries:
        by_user[stored[delivery.session_id].user_id].append(delivery)
    for user, deliveries in by_user.items():
        told = sums[user]
        if told not in _possible(deliveries, stored):
            _judge_sum(found, user, told, deliveries, stored)


def _judge_sum(
    found: Findings,
    user: str,
    told: tuple[int, int],
    deliveries: Sequence[Delivery],
    stored: dict[str, SessionRow],
) -> None:
    wanted = sum(sum(_whole(stored[one.session_id].summary or {})) for one in deliveries)
    kind = found.doubled if sum(told) > wanted else found.lost
    kind.append(f"student {user}: {told} of {wanted} s")


def _possible(
    deliveries: Sequence[Delivery], stored: dict[str, SessionRow]
) -> set[tuple[int, int]]:
    """What today's row may say."""
    sums = {(0, 0)}
    for delivery in deliveries:
        focused, unfocused = _whole(stored[delivery.session_id].summary or {})
        with_it = {(one + focused, other + unfocused) for one, other in sums}
        certain = delivery.state is DeliveryState.DELIVERED
        sums = with_it if certain else sums | with_it
    return sums


def _whole(summary: dict[str, Any]) -> tuple[int, int]:
    """Focused and unfocused seconds as the columns have them."""
    names = ("focused_time", "unfocused_time")
    focused, unfocused = (math.floor(round(summary[name], 3) + 0.5) for name in names)
    return focused, unfocused


def _columns(row: Row) -> tuple[int, int]:
    names = ("focused_time_seconds", "unfocused_time_seconds")
    focused, unfocused = (int(row[name] or 0) for name in names)
    return focused, unfocused
