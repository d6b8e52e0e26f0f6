"""The JSON of the old service: one picture in, its metrics out, for REST and WebSocket alike."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rtc_server.errors import FrameRefused
from rtc_server.metrics import wire
from signaling.access.caller import Caller
from signaling.errors import BadRequest

DATA_URL = "data:image/jpeg;base64,"
ECHOED = ("frame_id", "user_id", "module_id", "section_id", "timestamp")
METRICS = (
    "focused_time",
    "unfocused_time",
    "total_time",
    "focus_percentage",
    "focus_sessions",
    "unfocus_sessions",
    "current_state",
    "detection_rate",
    "frames_processed",
)
CURRENT = ("face_count", "gaze_direction", "gaze_vector", "eye_openness", "blinks", "blink_rate")


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """What an old client sends."""

    given: Mapping[str, Any]
    caller: Caller
    """A fresh session id with the client's own ids."""
    jpeg: bytes


def read_request(
    given: object, caller_of: Callable[[Mapping[str, Any]], Caller], max_bytes: int
) -> FrameRequest:
    """Read ``{frame_id?, user_id, module_id, section_id?, timestamp?, fps?, frame_base64}``.

    Raises what ``caller_of`` raises for the ids, :class:`FrameRefused` for the picture
    (``frame_too_large``, ``frame_not_base64``).
    """
    if not isinstance(given, dict):
        raise BadRequest("a frame is a JSON object", code="bad_json")
    caller = caller_of(given)
    return FrameRequest(given, caller, decode_base64(given.get("frame_base64"), max_bytes))


def decode_base64(text: object, max_bytes: int) -> bytes:
    """The bytes of a picture in base64, with or without a data URL's head."""
    if not isinstance(text, str) or not text:
        raise FrameRefused("frame_base64 is missing", code="frame_missing")
    body = text.split(",", 1)[1] if text.startswith("data:") and "," in text else text
    if len(body) * 3 // 4 > max_bytes + 2:
        raise FrameRefused(f"more than {max_bytes} bytes", code="frame_too_large")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise FrameRefused("frame_base64 is not base64", code="frame_not_base64") from None


def answer(given: Mapping[str, Any], message: wire.Metrics | None) -> dict[str, Any]:
    """What an old client reads; ``None``: a newer frame took this one's place."""
    echoed = {name: given.get(name) for name in ECHOED}
    if message is None:
        return {"success": True, **echoed, "status": "skipped"}
    return {
        "success": True,
        **echoed,
        "status": "processed",
        "metrics": old_metrics(message),
        "current_frame": _current(message),
    }


def old_metrics(message: wire.Metrics) -> dict[str, Any]:
    """The running totals under the old names; unknown reads as not focused, as it used to."""
    totals = message.metrics.model_dump()
    return {
        **{name: totals[name] for name in METRICS},
        "attention_score": message.attention_score or 0.0,
        "is_focused": bool(message.is_focused),
    }


def _current(message: wire.Metrics) -> dict[str, Any]:
    values = message.model_dump(mode="json")
    return {
        **{name: values[name] for name in CURRENT},
        "is_focused": bool(message.is_focused),
        "current_state": message.metrics.current_state,
        "attention_score": message.attention_score or 0.0,
        "head_pose": values["head_pose"],
    }
