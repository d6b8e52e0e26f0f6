"""From what was measured to the messages that tell it.

Ten times a second and session ``metrics`` is told, and what is told was made here: its text is
written without a model that checks it. A test holds the one against the other.
"""

from typing import Any

from rtc_server.base.end_reason import EndReason
from rtc_server.metrics import model, wire


def metrics_message(seq: int, reading: model.Reading) -> wire.Metrics:
    """One frame's reading as the ``metrics`` message; numbers rounded to what they are worth."""
    return wire.Metrics.model_validate(_metrics(seq, reading))


def metrics_text(seq: int, reading: model.Reading) -> str:
    """The same as it is sent: what ``wire.encode`` makes of the message, at a third of the cost."""
    return wire.encode_fields(_metrics(seq, reading))


def summary_message(
    session_id: str, reason: EndReason, summary: model.SessionSummary
) -> wire.Summary:
    """The settled account as the ``summary`` message."""
    return wire.Summary(
        session_id=session_id,
        end_reason=reason,
        elapsed=round(summary.elapsed, 3),
        focused_time=round(summary.focused_time, 3),
        unfocused_time=round(summary.unfocused_time, 3),
        unknown_time=round(summary.unknown_time, 3),
        total_time=round(summary.total_time, 3),
        focus_percentage=round(summary.focus_percentage, 2),
        focus_sessions=summary.focus_sessions,
        unfocus_sessions=summary.unfocus_sessions,
        unfocused_by_cause=_by_cause(summary.unfocused_by_cause),
        unknown_by_cause=_by_cause(summary.unknown_by_cause),
        blink_count=summary.blink_count,
        blink_rate=_rounded(summary.blink_rate, 2),
        perclos=_rounded(summary.perclos, 4),
        frames_processed=summary.frames_processed,
        detection_rate=round(summary.detection_rate, 2),
        attention_score=_rounded(summary.attention_score),
        gaze_directions=_by_cause(summary.gaze_directions),
    )


def _metrics(seq: int, reading: model.Reading) -> dict[str, Any]:
    """The fields of :class:`wire.Metrics`, all of them, in its order."""
    direction = reading.gaze_direction
    return {
        "v": 1,
        "type": "metrics",
        "seq": seq,
        "media_time": round(reading.media_time, 4),
        "face_count": reading.face_count,
        "quality": _quality(reading.quality),
        "is_focused": reading.is_focused,
        "state": reading.state,
        "cause": reading.cause,
        "gaze_direction": None if direction is None else direction.value,
        "gaze_vector": _rounded3(reading.gaze_vector),
        "gaze_point": _rounded2(reading.gaze_point),
        "head_pose": _pose(reading.head_pose),
        "eye_openness": _rounded(reading.eye_openness),
        "blinks": reading.blinks,
        "blink_rate": _rounded(reading.blink_rate, 2),
        "perclos": _rounded(reading.perclos, 4),
        "attention_score": _rounded(reading.attention_score),
        "metrics": _totals(reading.totals, reading.current_state),
    }


def _quality(quality: model.Quality) -> dict[str, Any]:
    return {
        "ok": quality.ok,
        "inter_ocular_px": _rounded(quality.inter_ocular_px, 1),
        "luminance": _rounded(quality.luminance),
        "sharpness": _rounded(quality.sharpness),
        "lids": quality.lids,
        "gaze": quality.gaze,
    }


def _pose(pose: model.HeadPose | None) -> dict[str, float] | None:
    if pose is None:
        return None
    return {
        "yaw": round(pose.yaw, 1),
        "pitch": round(pose.pitch, 1),
        "roll": round(pose.roll, 1),
    }


def _totals(totals: model.Totals, current_state: str) -> dict[str, Any]:
    return {
        "focused_time": round(totals.focused_time, 3),
        "unfocused_time": round(totals.unfocused_time, 3),
        "unknown_time": round(totals.unknown_time, 3),
        "pending_time": round(totals.pending_time, 3),
        "total_time": round(totals.total_time, 3),
        "focus_percentage": round(totals.focus_percentage, 2),
        "focus_sessions": totals.focus_sessions,
        "unfocus_sessions": totals.unfocus_sessions,
        "current_state": current_state,
        "detection_rate": round(totals.detection_rate, 2),
        "frames_processed": totals.frames_processed,
    }


def _by_cause(times: dict[str, float]) -> dict[str, float]:
    return {cause: round(seconds, 3) for cause, seconds in times.items()}


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def _rounded2(point: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if point is None else (round(point[0], 3), round(point[1], 3))


def _rounded3(vector: model.Vector | None) -> model.Vector | None:
    if vector is None:
        return None
    x, y, z = vector
    return round(x, 4), round(y, 4), round(z, 4)
