"""The record that the site's endpoint gets, built from a session's summary. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from rtc_server.base.end_reason import EndReason
from rtc_server.base.identity import Identity

SaveMode = Literal["summary", "upsert", "delta"]
Summary = Mapping[str, Any]

_SECONDS = ("focused_time", "unfocused_time", "unknown_time", "total_time", "elapsed")
_SECONDS_BY_CAUSE = ("unfocused_by_cause", "unknown_by_cause")
_COUNTS = ("focus_sessions", "unfocus_sessions", "blink_count", "frames_processed")
_RATES = ("blink_rate", "perclos", "detection_rate", "attention_score")
_BIGGEST_INT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Record:
    """Builds the records of one session."""

    identity: Identity
    mode: SaveMode = "summary"

    def build(
        self,
        summary: Summary,
        *,
        seq: int,
        at: datetime,
        end_reason: EndReason | None = None,
        previous: Summary | None = None,
    ) -> dict[str, Any]:
        """Build the JSON body for ``save_enhanced_tracking.php``.

        ``summary`` has the fields of :class:`SessionSummary`, in seconds; ``seq`` counts
        the session's records from 1; ``end_reason`` is None while the session runs. In
        ``delta`` mode the record holds what was added since ``previous``, the summary of the
        record before; else totals.

        ``focused_time``, ``unfocused_time`` and ``total_time`` are whole seconds, as the
        columns are: each part is rounded for itself and the total is their sum, so none ever
        decreases and no increment is negative. ``session_data`` has the exact ones.
        """
        base: Summary = previous or {} if self.mode == "delta" else {}
        exact = _added(summary, base, _SECONDS)
        return {
            **_ids(self.identity),
            **_columns(summary, base),
            "focus_percentage": _percentage(exact),
            **_counts(summary, base),
            "session_type": "viewing",
            "timestamp": at.isoformat(timespec="milliseconds"),
            "session_uuid": self.identity.session_id,
            "seq": seq,
            "save_mode": self.mode,
            "unknown_time": exact["unknown_time"],
            **_by_cause(summary, base),
            **{name: _rounded(summary.get(name)) for name in _RATES},
            "gaze_directions": {
                name: round(share, 4) for name, share in summary.get("gaze_directions", {}).items()
            },
            "end_reason": end_reason,
            "client": self.identity.client,
            "session_data": exact,
        }


def _ids(identity: Identity) -> dict[str, Any]:
    section = identity.section_id
    return {
        "user_id": _number(identity.user_id),
        "module_id": _number(identity.module_id),
        "section_id": None if section is None else _number(section),
    }


def _number(identifier: str) -> int | str:
    # Only what reads back the same: "007" is a name, not seven.
    if identifier.isascii() and identifier.isdigit() and int(identifier) <= _BIGGEST_INT:
        return int(identifier) if str(int(identifier)) == identifier else identifier
    return identifier


def _columns(summary: Summary, base: Summary) -> dict[str, int]:
    focused = _whole(summary, "focused_time") - _whole(base, "focused_time")
    unfocused = _whole(summary, "unfocused_time") - _whole(base, "unfocused_time")
    return {
        "focused_time": focused,
        "unfocused_time": unfocused,
        "total_time": focused + unfocused,
    }


def _whole(summary: Summary, name: str) -> int:
    # From the milliseconds that are told beside it: who rounds those must get the same.
    seconds: float = round(summary.get(name, 0.0), 3)
    return math.floor(seconds + 0.5)


def _added(summary: Summary, base: Summary, names: Iterable[str]) -> dict[str, float]:
    return {name: round(summary.get(name, 0.0) - base.get(name, 0.0), 3) for name in names}


def _by_cause(summary: Summary, base: Summary) -> dict[str, dict[str, float]]:
    return {
        name: _added(summary[name], base.get(name, {}), summary[name]) for name in _SECONDS_BY_CAUSE
    }


def _counts(summary: Summary, base: Summary) -> dict[str, int]:
    return {name: int(summary.get(name, 0)) - int(base.get(name, 0)) for name in _COUNTS}


def _percentage(exact: Mapping[str, float]) -> float:
    total = exact["total_time"]
    return round(100.0 * exact["focused_time"] / total, 2) if total > 0 else 0.0


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
