"""What a request's query and path say."""

from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from signaling.http.errors import BadRequest

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
