"""What a request says: its query, its path, and its body, without waiting for one that stalls."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from rtc_server.base.errors import Overloaded
from signaling.http.errors import BadRequest, TooSlow

T = TypeVar("T")
BODY_SECONDS = 15.0
"""For a whole body: half a megabyte at a third of a megabit a second."""
BODIES_BYTES = 64 * 1024 * 1024
"""Of all bodies that are not whole yet."""
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


class Bodies:
    """The bodies that are being read in this process: bounded in bytes, in all and by address.

    A body counts while it is not whole. Whoever sends many and finishes none takes the room of
    its own address, and no more than half of all.
    """

    def __init__(self, most: int = BODIES_BYTES) -> None:
        """``most``: bytes."""
        self._most = most
        self._held = 0
        self._of: Counter[str] = Counter()

    async def read(self, request: web.Request, most: int) -> bytes:
        """The whole body of ``most`` bytes at most.

        Raises :class:`TooSlow`, :class:`Overloaded`, and 413 as aiohttp does.
        """
        if (request.content_length or 0) > most:
            raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
        address = request.remote or ""
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for part in request.content.iter_any():
                    size += len(part)
                    self._count(address, len(part))
                    parts.append(part)
                    if size > most:
                        raise web.HTTPRequestEntityTooLarge(most, size)
        except TimeoutError:
            raise TooSlow from None
        finally:
            self._forget(address, size)
        return b"".join(parts)

    def _count(self, address: str, size: int) -> None:
        self._held += size
        self._of[address] += size
        if self._held > self._most or self._of[address] > self._most // 2:
            raise Overloaded("Too much is being sent at this moment.", retry_after=1.0)

    def _forget(self, address: str, size: int) -> None:
        self._held -= size
        self._of[address] -= size
        if not self._of[address]:
            del self._of[address]


async def in_time(reading: Awaitable[T]) -> T:
    """Wait for a body; raises :class:`TooSlow`."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await reading
    except TimeoutError:
        raise TooSlow from None
