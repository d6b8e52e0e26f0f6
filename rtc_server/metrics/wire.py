"""Every message between service and client, version 1: one schema for all transports.

The data channels, the WebSocket and server-sent events carry the same JSON, one message
each and under 1 KB. These models are the source of the JSON Schema and of the TypeScript
types (``python -m signaling.cli schema``); ``tests/data/messages`` holds one of each.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import to_json

MAX_MESSAGE_BYTES = 1024


class _Part(BaseModel):
    """A part of a message: no field beyond the named ones, no change after creation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Message(_Part):
    """What every message carries."""

    v: Literal[1] = 1


class _ClientMessage(_Message):
    """A client may be newer than the service: fields it adds are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


# ---------------------------------------------------------------- server → client


class HeadPose(_Part):
    """Head rotation in degrees; camera axes, x right, y down."""

    yaw: float
    pitch: float
    roll: float


_LATER = "x-later"
Value = TypeVar("Value")
Later = Annotated[Value, Field(json_schema_extra={_LATER: True})]
"""A field that came after the first release of ``v: 1``: a page may meet a service that is older
than itself, as while it is rolled out or back, and takes its messages without it."""


class Quality(_Part):
    """What the picture allows: pixels between the eyes, and a 0-1 share of each aspect.

    ``ok``: good enough for anything; ``lids`` and ``gaze``: the face is large enough for those.
    """

    ok: bool
    inter_ocular_px: float | None
    luminance: float | None
    sharpness: float | None
    lids: Later[bool]
    gaze: Later[bool]


class RunningMetrics(_Part):
    """Totals since the session began, in seconds, under the names of the old service."""

    focused_time: float
    unfocused_time: float
    unknown_time: float
    pending_time: float
    total_time: float
    focus_percentage: float
    focus_sessions: int
    unfocus_sessions: int
    current_state: str
    detection_rate: float
    frames_processed: int


class Hello(_Message):
    """First on ``control``: what this session is and can do."""

    type: Literal["hello"] = "hello"
    session_id: str
    fps: float
    features: list[str]


class Attached(_Message):
    """Answers ``attach``: what WHIP says in its headers."""

    type: Literal["attached"] = "attached"
    session_id: str
    resource: str
    resume_token: str


class Metrics(_Message):
    """One analysed frame. ``is_focused`` is null where it is not known."""

    type: Literal["metrics"] = "metrics"
    seq: int
    media_time: float
    face_count: int
    quality: Quality
    is_focused: bool | None
    state: str
    cause: str | None
    gaze_direction: Literal["center", "left", "right", "up", "down"] | None
    gaze_vector: tuple[float, float, float] | None
    gaze_point: tuple[float, float] | None
    head_pose: HeadPose | None
    eye_openness: float | None
    blinks: int
    blink_rate: float | None
    perclos: float | None
    attention_score: float | None
    metrics: RunningMetrics


class Advice(_Message):
    """How the publisher may spare both sides work; obeying is voluntary."""

    type: Literal["advice"] = "advice"
    max_fps: float
    scale_down_by: float
    reason: str


class Notice(_Message):
    """Something the student or the page should know; ``code`` is stable."""

    type: Literal["notice"] = "notice"
    code: str
    message: str


class Summary(_Message):
    """The session's account, last on ``control``; times in seconds."""

    type: Literal["summary"] = "summary"
    session_id: str
    end_reason: str
    elapsed: float
    focused_time: float
    unfocused_time: float
    unknown_time: float
    total_time: float
    focus_percentage: float
    focus_sessions: int
    unfocus_sessions: int
    unfocused_by_cause: dict[str, float]
    unknown_by_cause: dict[str, float]
    blink_count: int
    blink_rate: float | None
    perclos: float | None
    frames_processed: int
    detection_rate: float
    attention_score: float | None
    gaze_directions: Later[dict[str, float]]


class Pong(_Message):
    """Answers a ``ping`` with its ``t``."""

    type: Literal["pong"] = "pong"
    t: float


# ---------------------------------------------------------------- client → server


class Attach(_ClientMessage):
    """First on a WebSocket: begin a session, by token where one is needed, or go on with one."""

    type: Literal["attach"] = "attach"
    user_id: str | int | None = None
    module_id: str | int | None = None
    section_id: str | int | None = None
    token: str | None = None
    session_id: str | None = None
    resume_token: str | None = None


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters")
    return text


class Consent(_ClientMessage):
    """The student agreed to this version of the text."""

    type: Literal["consent"] = "consent"
    version: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]


class Ping(_ClientMessage):
    """Sent every two seconds; six seconds without one and the peer counts as lost."""

    type: Literal["ping"] = "ping"
    t: Annotated[float, Field(allow_inf_nan=False)]


class Visibility(_ClientMessage):
    """The page came into view or left it."""

    type: Literal["visibility"] = "visibility"
    state: Literal["visible", "hidden"]


class Pause(_ClientMessage):
    """Stop measuring until ``resume``; the time is unknown."""

    type: Literal["pause"] = "pause"


class Resume(_ClientMessage):
    """Go on after ``pause``."""

    type: Literal["resume"] = "resume"


class Point(_Part):
    """Where on the screen the student looks now: shares of its width and height."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]


class Calibrate(_ClientMessage):
    """Take the present head pose as neutral, or with ``point`` the gaze as on that point.

    With ``keep`` the parameters that the points settle are kept with the session once it is over:
    a dozen numbers in its summary, exported and erased with it. The last point's word counts.
    """

    type: Literal["calibrate"] = "calibrate"
    point: Point | None = None
    keep: bool = False


class Bye(_ClientMessage):
    """The student is done: settle the account and send the summary."""

    type: Literal["bye"] = "bye"


ServerMessage = Annotated[
    Hello | Attached | Metrics | Advice | Notice | Summary | Pong, Field(discriminator="type")
]
ClientMessage = Annotated[
    Attach | Consent | Ping | Visibility | Pause | Resume | Calibrate | Bye,
    Field(discriminator="type"),
]

_SERVER = TypeAdapter[ServerMessage](ServerMessage)
_CLIENT = TypeAdapter[ClientMessage](ClientMessage)


def encode(message: BaseModel) -> str:
    """One message as compact JSON text."""
    return message.model_dump_json()


def encode_fields(fields: dict[str, object]) -> str:
    """The same of a message's fields, which nobody checks."""
    return to_json(fields, inf_nan_mode="null").decode()


def is_metrics(text: str) -> bool:
    """Whether this is a ``metrics`` message, as :func:`encode_fields` writes it."""
    return text.startswith('{"v":1,"type":"metrics"')


def decode_client(text: str | bytes) -> ClientMessage:
    """Parse what a client sent; raises ``pydantic.ValidationError`` (a ``ValueError``)."""
    return _CLIENT.validate_json(text)


def decode_server(text: str | bytes) -> ServerMessage:
    """Parse what a server sent, for clients in Python and tests; raises like the above."""
    return _SERVER.validate_json(text)


def json_schema() -> dict[str, object]:
    """JSON Schema of all messages: ``{"server": …, "client": …}``."""
    server = _SERVER.json_schema(mode="serialization")
    for part in server["$defs"].values():
        later = {key for key, field in part["properties"].items() if field.pop(_LATER, False)}
        part["required"] = [key for key in part.get("required", ()) if key not in later]
    return {"server": server, "client": _CLIENT.json_schema(mode="validation")}
