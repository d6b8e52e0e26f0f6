"""A session's totals beside its checkpoint, as this or another version wrote them. Pure."""

import math
from dataclasses import asdict, fields, replace
from typing import Any, get_origin

from rtc_server.metrics.model import Cause, SessionSummary

_PARTS = ("focused_time", "unfocused_time", "unknown_time", "pending_time")
_FIRST = frozenset(
    {
        *("elapsed", *_PARTS, "total_time", "focus_percentage", "focus_sessions"),
        *("unfocus_sessions", "unfocused_by_cause", "unknown_by_cause", "blink_count"),
        *("blink_rate", "perclos", "frames_processed", "detection_rate", "attention_score"),
        "calibration",
    }
)
"""What version 0.1 knows. It takes ``account`` by name, and fails at one that it does not know."""


def stored(summary: SessionSummary) -> dict[str, Any]:
    """``summary`` for a checkpoint that every version can read."""
    values = asdict(summary)
    return {
        "account": {name: value for name, value in values.items() if name in _FIRST},
        "account_more": {name: value for name, value in values.items() if name not in _FIRST},
    }


def all_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    """What :func:`stored` took, by the names of :class:`SessionSummary`."""
    parts = [snapshot.get("account_more"), snapshot.get("account")]
    return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}


def are_whole(snapshot: dict[str, Any]) -> bool:
    """Whether every total that a record is made of can be read."""
    account = snapshot.get("account")
    return isinstance(account, dict) and all(
        _is_number(account.get(name)) for name in ("elapsed", *_PARTS, "frames_processed")
    )


def read(snapshot: dict[str, Any]) -> SessionSummary:
    """What of the totals can be read; the rest is as if it had not been measured.

    Focused and unfocused time are taken as they stand; what the parts lack to the elapsed time is
    unknown.
    """
    parts = [snapshot.get("account_more"), snapshot.get("account")]
    given = {
        name: value for part in parts if isinstance(part, dict) for name, value in part.items()
    }
    values: dict[str, Any] = {
        each.name: _value(each.type, given.get(each.name)) for each in fields(SessionSummary)
    }
    summary = SessionSummary(**values)
    judged = summary.focused_time + summary.unfocused_time
    booked = judged + summary.unknown_time + summary.pending_time
    missing = max(0.0, summary.elapsed - booked)
    return replace(
        summary,
        elapsed=max(summary.elapsed, booked),
        unknown_time=summary.unknown_time + missing,
        total_time=judged,
        focus_percentage=100.0 * summary.focused_time / judged if judged else 0.0,
    )


def closed(account: SessionSummary) -> SessionSummary:
    """``account`` at its end: what was pending is unknown."""
    unknown = dict(account.unknown_by_cause)
    unknown[Cause.RECONNECTING] = unknown.get(Cause.RECONNECTING, 0.0) + account.pending_time
    return replace(
        account,
        unknown_by_cause=unknown,
        unknown_time=account.unknown_time + account.pending_time,
        pending_time=0.0,
    )


def number(value: object) -> float:
    """``value`` as seconds; 0 where it is none."""
    if isinstance(value, (int, float)) and _is_number(value):
        return float(value)
    return 0.0


def _value(kind: object, value: object) -> object:
    """``value`` where it is of the field's ``kind``, else nothing measured."""
    if kind is int:
        return int(number(value))
    if kind is float:
        return number(value)
    if get_origin(kind) is dict:
        causes = value if isinstance(value, dict) else {}
        return {str(name): float(each) for name, each in causes.items() if _is_number(each)}
    return value if _is_number(value) else None


def _is_number(value: object) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return math.isfinite(value) and value >= 0
