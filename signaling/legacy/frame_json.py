"""The JSON of the old service: one picture in, its metrics out, for REST and WebSocket alike."""

import base64
import binascii
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, JsonValue, StrictInt, StrictStr, ValidationError

from rtc_server.base.errors import FrameRefused
from rtc_server.metrics import wire
from signaling.access.caller import Caller
from signaling.http.errors import BadRequest

_DATA_URL = re.compile(r"\s*data:[^,]*,", re.IGNORECASE)
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_STANDARD_ALPHABET = str.maketrans("-_ ", "+/+")

ECHOED = ("frame_id", "user_id", "module_id", "section_id", "timestamp")


class OldFrame(BaseModel):
    """One picture of an old client."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    frame_id: JsonValue = None
    user_id: StrictStr | StrictInt | None = None
    module_id: StrictStr | StrictInt | None = None
    section_id: StrictStr | StrictInt | None = None
    timestamp: JsonValue = None
    fps: JsonValue = None
    frame_base64: StrictStr | None = None
    """A JPEG, with or without the head of a data URL."""
    token: StrictStr | None = None
    """The session token, of pages that cannot send the header."""


class OldMetrics(BaseModel):
    """The running totals in seconds; unknown reads as not focused, as it used to."""

    focused_time: float
    unfocused_time: float
    total_time: float
    focus_percentage: float
    focus_sessions: int
    unfocus_sessions: int
    current_state: str
    detection_rate: float
    frames_processed: int
    attention_score: float
    is_focused: bool


class OldCurrentFrame(BaseModel):
    """What the picture itself shows."""

    face_count: int
    gaze_direction: str | None
    gaze_vector: tuple[float, float, float] | None
    eye_openness: float | None
    blinks: int
    blink_rate: float | None
    head_pose: wire.HeadPose | None
    is_focused: bool
    current_state: str
    attention_score: float


class OldAnswer(BaseModel):
    """What an old client reads; ``skipped``: a newer picture took this one's place."""

    success: Literal[True] = True
    frame_id: JsonValue
    user_id: JsonValue
    module_id: JsonValue
    section_id: JsonValue
    timestamp: JsonValue
    status: Literal["processed", "skipped"]
    metrics: OldMetrics | None = None
    current_frame: OldCurrentFrame | None = None


class OldRefusal(BaseModel):
    """The old shape: ``error`` on the WebSocket, ``detail`` over REST; and a stable code."""

    success: Literal[False] = False
    error: str
    detail: str
    code: str


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """What an old client sends."""

    given: OldFrame
    caller: Caller
    """A fresh session id with the client's own ids."""
    jpeg: bytes


def read_request(
    text: str | bytes, caller_of: Callable[[OldFrame], Caller], max_bytes: int
) -> FrameRequest:
    """Read an :class:`OldFrame`.

    Raises :class:`BadRequest` (``bad_json``, ``bad_<field>``), what ``caller_of`` raises for the
    ids, :class:`FrameRefused` for the picture (``frame_too_large``, ``frame_not_base64``).
    """
    try:
        given = OldFrame.model_validate_json(_without_mark(text))
    except ValidationError as error:
        raise _unreadable(error) from None
    return FrameRequest(given, caller_of(given), decode_base64(given.frame_base64, max_bytes))


def _without_mark(text: str | bytes) -> str | bytes:
    """JSON without the byte order mark that .NET puts before it."""
    return text.removeprefix("\ufeff") if isinstance(text, str) else text.removeprefix(BOM_UTF8)


def decode_base64(text: object, max_bytes: int) -> bytes:
    """The bytes of a picture in base64 as clients write it, with or without a data URL's head.

    Android breaks lines and may use the URL's alphabet, .NET and Go may leave the padding out,
    a form turns ``+`` into a blank, a data URL may be percent-encoded.
    """
    if not isinstance(text, str) or not text.strip():
        raise FrameRefused("frame_base64 is missing", code="frame_missing")
    head = _DATA_URL.match(text)
    body = _LINE_BREAK.sub("", text[head.end() if head else 0 :].strip())
    if "%" in body:
        body = unquote(body, errors="replace")
    body = body.translate(_STANDARD_ALPHABET).rstrip("=")
    if len(body) * 3 // 4 > max_bytes:
        raise FrameRefused(f"more than {max_bytes} bytes", code="frame_too_large")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise FrameRefused("frame_base64 is not base64", code="frame_not_base64") from None


def answer(given: OldFrame, message: wire.Metrics | None) -> dict[str, Any]:
    """An :class:`OldAnswer`; ``None``: a newer frame took this one's place."""
    echoed = given.model_dump(mode="json", include=set(ECHOED))
    if message is None:
        made = OldAnswer(**echoed, status="skipped")
    else:
        made = OldAnswer(
            **echoed,
            status="processed",
            metrics=old_metrics(message),
            current_frame=_current(message),
        )
    return {"success": True, **made.model_dump(mode="json", exclude_unset=True)}


def old_metrics(message: wire.Metrics) -> OldMetrics:
    """The running totals under the old names."""
    return OldMetrics(
        **message.metrics.model_dump(include=set(OldMetrics.model_fields)),
        attention_score=message.attention_score or 0.0,
        is_focused=bool(message.is_focused),
    )


def _current(message: wire.Metrics) -> OldCurrentFrame:
    told = message.model_dump(include=set(OldCurrentFrame.model_fields))
    return OldCurrentFrame.model_validate(
        told
        | {
            "is_focused": bool(message.is_focused),
            "current_state": message.metrics.current_state,
            "attention_score": message.attention_score or 0.0,
        }
    )


def _unreadable(error: ValidationError) -> BadRequest | FrameRefused:
    where = error.errors(include_url=False, include_input=False)[0]["loc"]
    if not where:
        return BadRequest("a frame is a JSON object", code="bad_json")
    if where[0] == "frame_base64":
        return FrameRefused("frame_base64 is missing", code="frame_missing")
    return BadRequest(f"{where[0]} is a text or a whole number", code=f"bad_{where[0]}")
