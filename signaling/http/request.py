"""What a request says: its query, its path, and its body, without waiting for one that stalls."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from signaling.http.errors import BadRequest, TooSlow

T = TypeVar("T")
BODY_SECONDS = 15.0
"""For a whole body: half a megabyte at a third of a megabit a second."""
MAX_ID_LENGTH = 64
ModelT = TypeVar("ModelT", bound=BaseModel)


def is_id(text: str) -> bool:
    """Whether this may be the id of anything: not every database takes every character."""
    return 0 < len(text) <= MAX_ID_LENGTH and text.isprintable()


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters")
    return text


Id = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_ID_LENGTH), AfterValidator(_printable)
]


def read_query(request: web.Request, model: type[ModelT]) -> ModelT:
    """The query as ``model``; raises :class:`BadRequest` with code ``bad_<field>``."""
    try:
        return model.model_validate({name: request.query[name] for name in request.query})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        name = str(problem["loc"][0])
        raise BadRequest(f"{name}: {problem['msg']}", code=f"bad_{name}") from None


async def in_time(reading: Awaitable[T]) -> T:
    """Wait for a body; raises :class:`TooSlow`."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await reading
    except TimeoutError:
        raise TooSlow from None
