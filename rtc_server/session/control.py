"""What a client's control message asks of its session. Pure."""

from dataclasses import dataclass

from pydantic import ValidationError

from rtc_server.metrics import wire
from rtc_server.metrics.model import Cause


@dataclass(frozen=True, slots=True)
class Answer:
    """Say this to the client, and nothing else."""

    message: wire.Pong | wire.Notice


@dataclass(frozen=True, slots=True)
class Mark:
    """From now on the time is unknown for this cause, or no longer."""

    cause: Cause
    on: bool


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Learn from the frames that follow: the neutral pose, or the gaze on ``point``."""

    point: tuple[float, float] | None
    """Shares of the screen's width and height."""
    keep: bool


@dataclass(frozen=True, slots=True)
class Agree:
    """The student agreed to this version of the text."""

    version: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The student is done."""


Effect = Answer | Mark | Calibrate | Agree | Leave
UNREADABLE = Answer(wire.Notice(code="bad_message", message="This message was not understood."))


def effect_of(text: str) -> Effect | None:
    """What one message asks for; ``None``: it changes nothing."""
    try:
        message = wire.decode_client(text)
    except ValidationError:
        return UNREADABLE
    effect: Effect | None = None
    match message:
        case wire.Ping(t=t):
            effect = Answer(wire.Pong(t=t))
        case wire.Bye():
            effect = Leave()
        case wire.Visibility(state=state):
            effect = Mark(Cause.HIDDEN, on=state == "hidden")
        case wire.Pause() | wire.Resume():
            effect = Mark(Cause.MUTED, on=isinstance(message, wire.Pause))
        case wire.Calibrate(point=point, keep=keep):
            effect = Calibrate(None if point is None else (point.x, point.y), keep)
        case wire.Consent(version=version):
            effect = Agree(version)
    return effect
