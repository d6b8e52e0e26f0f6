"""The record for the site: whole seconds that add up, exact ones beside them."""

import json
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.end_reason import EndReason
from rtc_server.base.identity import Identity
from rtc_server.delivery.record import Record

SESSION = "4fd5cf0e-2a0c-4d7a-9a37-3d2b3a0d1a6e"
WHO = Identity(session_id=SESSION, user_id="17", module_id="3", section_id="5")
AT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
ARABIC = "\u0661\u0667"  # digits to str.isdigit, none to PHP
seconds = st.floats(0, 7200, allow_nan=False)


def summary(focused: float = 40.5, unfocused: float = 10.5, unknown: float = 9.0) -> dict[str, Any]:
    total = focused + unfocused
    return {
        "elapsed": total + unknown,
        "focused_time": focused,
        "unfocused_time": unfocused,
        "unknown_time": unknown,
        "pending_time": 0.0,
        "total_time": total,
        "focus_percentage": 100 * focused / total if total else 0.0,
        "focus_sessions": 4,
        "unfocus_sessions": 3,
        "unfocused_by_cause": {"looking_away": unfocused},
        "unknown_by_cause": {"no_frames": unknown},
        "blink_count": 12,
        "blink_rate": 14.123456,
        "perclos": None,
        "frames_processed": 598,
        "detection_rate": 0.98765432,
        "attention_score": 0.7,
        "gaze_directions": {"center": 0.91234, "left": 0.08766},
    }


def build(
    account: dict[str, Any],
    mode: Literal["summary", "upsert", "delta"] = "summary",
    previous: dict[str, Any] | None = None,
) -> dict[str, Any]:
    record = Record(WHO, mode)
    return record.build(account, seq=2, at=AT, end_reason=EndReason.CLIENT_BYE, previous=previous)


def test_the_record_has_every_field_of_the_site_and_ours() -> None:
    assert build(summary()) == {
        "user_id": 17,
        "module_id": 3,
        "section_id": 5,
        "focused_time": 41,
        "unfocused_time": 11,
        "total_time": 52,
        "focus_percentage": 79.41,
        "focus_sessions": 4,
        "unfocus_sessions": 3,
        "session_type": "viewing",
        "timestamp": "2026-03-01T12:30:15.250+00:00",
        "session_uuid": SESSION,
        "seq": 2,
        "save_mode": "summary",
        "unknown_time": 9.0,
        "unfocused_by_cause": {"looking_away": 10.5},
        "unknown_by_cause": {"no_frames": 9.0},
        "blink_count": 12,
        "blink_rate": 14.1235,
        "perclos": None,
        "frames_processed": 598,
        "detection_rate": 0.9877,
        "attention_score": 0.7,
        "gaze_directions": {"center": 0.9123, "left": 0.0877},
        "end_reason": "client_bye",
        "client": "webrtc",
        "session_data": {
            "focused_time": 40.5,
            "unfocused_time": 10.5,
            "unknown_time": 9.0,
            "total_time": 51.0,
            "elapsed": 60.0,
        },
    }


@given(focused=seconds, unfocused=seconds, unknown=seconds)
def test_whole_seconds_add_up_and_exact_ones_are_the_elapsed_time(
    focused: float, unfocused: float, unknown: float
) -> None:
    record = build(summary(focused, unfocused, unknown))
    assert record["total_time"] == record["focused_time"] + record["unfocused_time"]
    exact = record["session_data"]
    assert abs(record["focused_time"] - exact["focused_time"]) <= 0.5
    assert abs(record["unfocused_time"] - exact["unfocused_time"]) <= 0.5
    parts = exact["focused_time"] + exact["unfocused_time"] + exact["unknown_time"]
    assert parts == pytest.approx(exact["elapsed"], abs=0.003)
    assert 0 <= record["focus_percentage"] <= 100
    json.dumps(record, allow_nan=False)


def test_whole_seconds_are_those_of_the_milliseconds_beside_them() -> None:
    record = build(summary(focused=14.4996, unfocused=3.5004))
    assert record["session_data"]["focused_time"] == 14.5
    assert (record["focused_time"], record["unfocused_time"]) == (15, 4)
    assert record["total_time"] == 19


@given(steps=st.lists(st.tuples(seconds, seconds, seconds), min_size=1, max_size=20))
def test_increments_add_up_to_the_total_and_are_never_negative(
    steps: list[tuple[float, float, float]],
) -> None:
    account, previous = summary(0.0, 0.0, 0.0), None
    sums = {"focused_time": 0, "unfocused_time": 0, "total_time": 0}
    running = [0.0, 0.0, 0.0]
    for step in steps:
        running = [sum(pair) for pair in zip(running, step, strict=True)]
        account = summary(*running)
        increment = build(account, "delta", previous)
        assert all(increment[name] >= 0 for name in sums)
        sums = {name: sums[name] + increment[name] for name in sums}
        previous = account
    whole = build(account)
    assert sums == {name: whole[name] for name in sums}


def test_an_increment_has_what_was_added_since_the_record_before() -> None:
    before = summary(40.5, 10.5, 9.0)
    now = summary(45.5, 10.5, 10.0) | {
        "focus_sessions": 5,
        "frames_processed": 650,
        "blink_count": 13,
        "unfocused_by_cause": {"looking_away": 9.5, "no_face": 1.0},
    }
    before["unfocused_by_cause"] = {"looking_away": 9.5}
    record = build(now, "delta", before)
    assert (record["focused_time"], record["unfocused_time"], record["total_time"]) == (5, 0, 5)
    assert record["focus_percentage"] == 100.0
    assert (record["focus_sessions"], record["unfocus_sessions"]) == (1, 0)
    assert (record["frames_processed"], record["blink_count"]) == (52, 1)
    assert record["unfocused_by_cause"] == {"looking_away": 0.0, "no_face": 1.0}
    assert record["unknown_time"] == 1.0


def test_totals_do_not_look_back() -> None:
    assert build(summary(), "upsert", summary()) == build(summary(), "upsert")


@pytest.mark.parametrize(
    ("given_id", "sent"),
    [
        ("17", 17),
        ("0", 0),
        ("007", "007"),
        ("abc", "abc"),
        ("-1", "-1"),
        (ARABIC, ARABIC),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", "9223372036854775808"),
        ("", ""),
    ],
)
def test_a_decimal_id_is_sent_as_a_number(given_id: str, sent: int | str) -> None:
    who = Identity(session_id=SESSION, user_id=given_id, module_id="3", section_id=None)
    record = Record(who).build(summary(), seq=1, at=AT)
    assert record["user_id"] == sent
    assert type(record["user_id"]) is type(sent)
    assert record["section_id"] is None
    assert record["end_reason"] is None


def test_no_time_at_all_is_zero_percent() -> None:
    assert build(summary(0.0, 0.0, 5.0))["focus_percentage"] == 0.0
