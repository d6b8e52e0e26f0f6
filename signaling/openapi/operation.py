"""What a handler says of itself for the OpenAPI document; its docstring is the text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from aiohttp.typedefs import Handler
from pydantic import BaseModel

from rtc_server.base.errors import RtcServerError

HandlerT = TypeVar("HandlerT", bound=Handler)
ATTRIBUTE = "openapi_operation"


class Who(Enum):
    """Whom an operation is for, and so which token it takes."""

    ANYONE = "anyone"
    STUDENT = "student"
    """A session token, where the service asks for one."""
    OWNER = "owner"
    """The student's own session token, or a staff token."""
    STAFF = "staff"
    """A staff token, where the request is not of this machine."""
    URL = "url"
    """Who knows the URL, which nobody can guess."""


@dataclass(frozen=True, slots=True)
class Content:
    """A body: its media type, and its shape where it is JSON."""

    media_type: str
    shape: Any = None
    """A pydantic model or another type that pydantic knows; ``None``: text or bytes."""
    is_text: bool = True
    """Without a shape: text, else bytes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Errors of one kind that an operation may answer with."""

    kind: type[RtcServerError]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """All that the document says of a handler beside its docstring."""

    who: Who
    answers: Mapping[int, Content | None]
    """By status; ``None``: without a body."""
    query: type[BaseModel] | None = None
    """What the query is read with."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the request that mean something, and what."""
    tells: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answers, and what they say."""
    body: Content | None = None
    refusals: tuple[Refusal, ...] = ()
    refused_as: Content | None = None
    """Where refusals have the old service's shape."""


def json_of(shape: object) -> Content:
    """A JSON body of this shape."""
    return Content("application/json", shape)


def refusal(kind: type[RtcServerError], *codes: str) -> Refusal:
    """Errors of one kind, by ``codes`` or by the kind's own."""
    return Refusal(kind, codes or (kind.code,))


def operation(
    who: Who,
    answers: Mapping[int, Content | None],
    *refusals: Refusal,
    **more: Any,  # noqa: ANN401 - the fields of Operation, which checks them
) -> Callable[[HandlerT], HandlerT]:
    """Say of a handler what the OpenAPI document tells: see :class:`Operation`."""
    described = Operation(who, answers, refusals=refusals, **more)

    def mark(handler: HandlerT) -> HandlerT:
        setattr(handler, ATTRIBUTE, described)
        return handler

    return mark


def operation_of(handler: object) -> Operation | None:
    """What ``handler`` says of itself."""
    return getattr(handler, ATTRIBUTE, None)
