"""Analyses as JSON and as CSV, written while they are made."""

import csv
import dataclasses
import json
from typing import Any, TextIO

from rtc_server.analysis.analyse import Outcome
from rtc_server.metrics import wire
from rtc_server.metrics.model import SessionSummary

DIGITS = 6
"""Decimal places of seconds: the account is kept in microseconds."""


class JsonReport:
    """One object for one recording, a list of them for several.

    An object holds ``video``, ``frames`` (``metrics`` messages), ``fps``, ``duration``, ``blinks``
    ([start, end] in seconds) and ``summary``.
    """

    def __init__(self, file: TextIO, fps: float | None, *, several: bool) -> None:
        """``fps``: frames a second that were asked for, ``None`` for all."""
        self._file = file
        self._fps = fps
        self._several = several
        self._recordings = 0
        self._rows = 0
        if several:
            file.write("[\n")

    def begin(self, name: str) -> None:
        """Open its object."""
        self._file.write(",\n" if self._recordings else "")
        self._file.write(f'{{"video": {json.dumps(name)},\n"frames": [')
        self._recordings += 1
        self._rows = 0

    def take(self, row: wire.Metrics) -> None:
        """Add it to ``frames``."""
        self._file.write(",\n" if self._rows else "\n")
        self._file.write(wire.encode(row))
        self._rows += 1

    def end(self, outcome: Outcome) -> None:
        """Add what is known at the end."""
        rest = {
            "fps": self._fps or _mean_rate(self._rows, outcome.duration),
            "duration": round(outcome.duration, DIGITS),
            "blinks": outcome.blinks,
            "summary": summary_fields(outcome.summary),
        }
        self._file.write("\n],\n" + json.dumps(rest)[1:])

    def close(self) -> None:
        """Close the list, if it is one."""
        self._file.write("\n]\n" if self._several else "\n")
        self._file.flush()


class CsvReport:
    """One row an analysed frame, of all recordings in one table."""

    def __init__(self, file: TextIO) -> None:
        """Write the head."""
        self._writer = csv.writer(file, lineterminator="\n")
        self._file = file
        self._name = ""
        self._writer.writerow(["video", *COLUMNS])

    def begin(self, name: str) -> None:
        """Name the rows that follow."""
        self._name = name

    def take(self, row: wire.Metrics) -> None:
        """Write one line; what is not known is empty."""
        values = _flat(row.model_dump(mode="json"))
        self._writer.writerow([self._name, *(values.get(column) for column in COLUMNS)])

    def end(self, outcome: Outcome) -> None:
        """Nothing: the last row has the totals."""

    def close(self) -> None:
        """Hand on what was written."""
        self._file.flush()


def summary_fields(summary: SessionSummary) -> dict[str, Any]:
    """The account as plain values."""
    fields = dataclasses.asdict(summary)
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


def _mean_rate(frames: int, duration: float) -> float | None:
    return round((frames - 1) / duration, 3) if duration > 0 else None


_AXES = ("x", "y", "z")


def _flat(fields: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested parts by ``part_name``, vectors by ``vector_x``."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}_")
        elif isinstance(value, list):
            flat |= {f"{prefix}{name}_{axis}": v for axis, v in zip(_AXES, value, strict=False)}
        else:
            flat[prefix + name] = value
    return flat


COLUMNS = (
    *("seq", "media_time", "face_count", "state", "cause", "is_focused"),
    *("gaze_direction", "gaze_vector_x", "gaze_vector_y", "gaze_vector_z"),
    *("gaze_point_x", "gaze_point_y", "head_pose_yaw", "head_pose_pitch", "head_pose_roll"),
    *("eye_openness", "blinks", "blink_rate", "perclos", "attention_score"),
    *("quality_ok", "quality_inter_ocular_px", "quality_luminance", "quality_sharpness"),
    *("metrics_focused_time", "metrics_unfocused_time", "metrics_unknown_time"),
    *("metrics_pending_time", "metrics_total_time", "metrics_focus_percentage"),
    *("metrics_focus_sessions", "metrics_unfocus_sessions", "metrics_current_state"),
    *("metrics_detection_rate", "metrics_frames_processed"),
)
"""Of the ``metrics`` message, flattened; centimetres and degrees as there."""
